package locale

import "strings"

// autonyms are what languages are called in themselves, by their tags in lower
// case: of those in which most blogs are written.
var autonyms = map[string]string{
	"ar": "العربية", "bg": "Български", "bn": "বাংলা", "ca": "Català", "cs": "Čeština", "da": "Dansk", "de": "Deutsch",
	"el": "Ελληνικά", "en": "English", "eo": "Esperanto", "es": "Español", "et": "Eesti", "fa": "فارسی", "fi": "Suomi",
	"fr": "Français", "he": "עברית", "hi": "हिन्दी", "hr": "Hrvatski", "hu": "Magyar", "id": "Bahasa Indonesia", "it": "Italiano",
	"ja": "日本語", "ko": "한국어", "lt": "Lietuvių", "nb": "Norsk bokmål", "nl": "Nederlands", "no": "Norsk", "pl": "Polski",
	"pt": "Português", "ro": "Română", "ru": "Русский", "sk": "Slovenčina", "sl": "Slovenščina", "sr": "Српски", "sv": "Svenska",
	"ta": "தமிழ்", "th": "ไทย", "tr": "Türkçe", "uk": "Українська", "vi": "Tiếng Việt", "zh": "中文",
	"zh-cn": "简体中文", "zh-hans": "简体中文", "zh-sg": "简体中文（新加坡）", "zh-hant": "繁體中文", "zh-tw": "繁體中文", "zh-hk": "繁體中文（香港）",
	"pt-br": "Português (Brasil)", "pt-pt": "Português (Portugal)",
}

// Autonym is what speakers of a language call it, with the tag behind it where
// that says more; a language that is not known is its tag.
func Autonym(tag string) string {
	low := strings.ToLower(strings.ReplaceAll(tag, "_", "-"))
	if name, ok := autonyms[low]; ok {
		return name
	}
	base, _, _ := strings.Cut(low, "-")
	if name, ok := autonyms[base]; ok {
		return name + " (" + tag + ")"
	}
	return tag
}
