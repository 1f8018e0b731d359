package locale

// How fast people read, per minute: Chinese characters (each two columns
// wide) and words (six columns, with the space behind them).
const (
	charactersPerMinute = 400
	wordsPerMinute      = 230
	columnsPerWord      = 6
)

// Minutes returns how long a text takes to read that is columns wide, of which
// the share cjk (0 to 1) is Chinese, Japanese or Korean. It rounds to the
// nearest minute, at least 1; 0 means that columns is not known.
func Minutes(columns int, cjk float64) int {
	if columns <= 0 {
		return 0
	}
	cjk = min(max(cjk, 0), 1)
	width := float64(columns)
	minutes := width*cjk/(2*charactersPerMinute) + width*(1-cjk)/(columnsPerWord*wordsPerMinute)
	return max(1, int(minutes+0.5))
}

// Reading writes a reading time: "4 min read", "约 4 分钟".
func (l Locale) Reading(minutes int) string { return l.N("letter.reading", minutes) }
