package mailer

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tidings.example/posts"
)

// shanghai is a fixed zone, so that tests need no zone database.
var shanghai = time.FixedZone("CST", 8*3600)

func newTestComposer(t testing.TB) *Composer {
	t.Helper()
	c, err := NewComposer(nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func reader() Personal {
	return Personal{
		To: "lin.wei@example.com", MessageID: "12.mzxw6ytboi4dqmjs@blog.example.org",
		Date:        time.Date(2026, 11, 23, 0, 30, 0, 0, time.UTC),
		Unsubscribe: "https://news.example.org/u/eyJzIjo0Miwib3AiOiJ1In0.k9Vn3vM2c0aPq?d=weekly&k=2",
		Preferences: "https://news.example.org/p/eyJzIjo0Miwib3AiOiJwIn0.Zb1x7Qw0sLmNd",
		Leave:       "16.mzxw6ytboi4dqmjs",
	}
}

func edition(language string, records ...posts.Record) Edition {
	e := Edition{
		Digest: Digest{Name: "weekly", Title: "算法札记周刊", From: "算法札记 <news@blog.example.org>",
			ReplyTo: "Lin <lin@blog.example.org>", ListID: "weekly.blog.example.org"},
		Publication: Publication{
			Title: "算法札记", URL: "https://blog.example.org/", WebURL: "https://news.example.org/",
			Postal: "示例市示例路 1 号", Contact: "lin@blog.example.org",
			Feeds: []string{"https://blog.example.org/rss.xml", "https://blog.example.org/atom.xml", "https://blog.example.org/feed.json"},
		},
		Issue: 12, Language: language, Date: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Zone: shanghai,
		Posts: records, Unsubscribe: "leave@blog.example.org", Separator: "+", Preferences: true,
	}
	if language == "en" {
		e.Digest.Title, e.Digest.From = "Weekly Notes", "Algorithm Notes <news@blog.example.org>"
		e.Publication.Title, e.Publication.Postal = "Algorithm Notes", "1 Example Street, Example City"
	}
	return e
}

func record(n int, title, summary string, tags ...string) posts.Record {
	return posts.Record{
		Post: posts.Post{
			Title: title, URL: fmt.Sprintf("https://blog.example.org/2026/11/%02d/post-%d/", 1+n%20, n), Tags: tags,
			Date: time.Date(2026, 11, 20, 20, 0, 0, 0, shanghai).AddDate(0, 0, -n),
		},
		Body: posts.Body{Summary: summary, Columns: 2400 + 700*n},
	}
}

const gitCode = `# 撤销最近一次提交，保留改动
git reset --soft HEAD~1

# 找回误删的分支
git reflog --date=iso | head -20
git switch -c rescue 'HEAD@{3}'`

// eleven are the posts of an ordinary issue, Chinese and English.
func eleven() []posts.Record {
	records := []posts.Record{
		record(0, "KV 缓存为什么总是不够用", "把一个 7B 模型放上线，显存先被缓存吃完。本文从一次线上故障讲起，算清楚每个 token 要占多少字节，再比较分页、量化和多查询注意力三种省法各自的代价。", "推理优化", "LLM"),
		record(1, "Reading a flame graph without fooling yourself", "A wide frame is not a slow function, and a narrow one is not innocent. Five habits that keep a profile honest, with the two commands that produce it.", "performance", "Go"),
		record(2, "Git 速查表", "按“我想做什么”排列，而不是按命令排列：撤销、找回、拆分、合并，每条都附上后悔的办法。", "Git", "工具"),
		record(3, "从最大似然到交叉熵：一次把 softmax 讲清楚", "损失函数写成 −Σ yᵢ log pᵢ 并不是约定俗成。沿着最大似然走一遍推导，顺便解释为什么梯度恰好是 p − y，以及温度参数改变了什么。", "数学", "深度学习"),
		record(4, "A small grammar of commit messages", "Say what is now true, then why. Everything else can be looked up.", "Git", "writing"),
		record(5, "LoRA 的秩到底选多大", "在三个任务上把秩从 1 扫到 128，效果在哪里停止增长，显存又多花了多少。附全部超参数与复现脚本。", "微调", "LLM", "实验"),
		record(6, "把旧笔记本改成家用的定时任务机", "一台十年前的笔记本，装上 Debian，盖子合上也不睡，断电之后自己醒来。记录每一步和踩过的坑。", "折腾"),
		record(7, "Bloom filters, counted on fingers", "Three hash functions, sixteen bits, and the moment when “no” is certain and “yes” is only a rumour.", "algorithms"),
		record(8, "中文分词还需要吗", "大模型自己切词之后，传统分词退到了检索和统计里。本文用同一份语料比较三种切法对召回率的影响。", "NLP", "检索"),
		record(9, "一次把时区写对", "夏令时的那一小时会出现两次，也会凭空消失。存什么、显示什么、定时任务按什么算，各有一条规则。", "工程"),
		record(10, "论文笔记：让小模型向大模型学推理步骤", "蒸馏的不是答案而是过程。作者用拒绝采样筛出可信的推理链，再训练一个十分之一大小的学生模型。", "论文笔记", "蒸馏"),
	}
	records[2].Body.Code, records[2].Body.CodeLanguage = gitCode, "bash"
	return records
}

func sixty() (records []posts.Record) {
	base := eleven()
	for n := range 60 {
		r := base[n%len(base)]
		r.Title = fmt.Sprintf("%s（%d）", r.Title, n+1)
		r.URL = fmt.Sprintf("https://blog.example.org/2026/%02d/%02d/post-%d/", 1+n%11, 1+n%28, n)
		r.Date = time.Date(2026, 11, 20, 20, 0, 0, 0, shanghai).AddDate(0, 0, -n)
		records = append(records, r)
	}
	return records
}

func longCode() posts.Record {
	r := record(0, "A lexer in a hundred lines", "Runes in, tokens out: no generator, no regular expressions, errors with a place.", "Go")
	var b strings.Builder
	for n := range 40 {
		fmt.Fprintf(&b, "\tcase state == %d && r == '%c': // %s\n", n, 'a'+rune(n%26), strings.Repeat("why ", n%12))
	}
	r.Body.Code = b.String()
	return r
}

func longTitle() posts.Record {
	return record(0, strings.Repeat("一个非常长的标题，它从来没有打算结束，", 12)+strings.Repeat("unbreakable", 20), "标题比正文还长。", "边界")
}

func arabic() posts.Record {
	r := record(1, "كيف تعمل الذاكرة المؤقتة في نماذج اللغة", "شرح موجز لما يُخزَّن في الذاكرة المؤقتة ولماذا تنفد بسرعة، مع أرقام حقيقية من خادم صغير.", "LLM")
	r.Language = "ar"
	return r
}

func withPicture() posts.Record {
	r := record(2, "A map of the city in ten colours", "Choosing colours that survive printing, projection and a colour-blind reader.", "maps")
	r.Post.Image = "https://blog.example.org/images/map.png"
	return r
}

// letters are the shapes that a digest comes in.
func letters() map[string]Edition {
	one := edition("en", eleven()[1])
	one.Issue, one.Preferences = 3, false
	return map[string]Edition{
		"one-en": one, "one-zh": edition("zh-CN", eleven()[0]),
		"eleven-en": edition("en", eleven()...), "eleven-zh": edition("zh-CN", eleven()...),
		"sixty-en": edition("en", sixty()...), "sixty-zh": edition("zh-CN", sixty()...),
		"odd-en": edition("en", longTitle(), arabic(), longCode(), withPicture()),
		"odd-zh": edition("zh-CN", longCode(), arabic(), withPicture(), longTitle()),
	}
}

func letter(t testing.TB, c *Composer, e Edition) []byte {
	t.Helper()
	tpl, err := c.Digest(e)
	if err != nil {
		t.Fatal(err)
	}
	out, err := tpl.Letter(reader())
	if err != nil {
		t.Fatal(err)
	}
	return out
}
