package locale_test

import (
	"testing"

	"tidings.example/internal/locale"
)

func TestLanguagesAreCalledAsTheirSpeakersCallThem(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"en": "English", "zh-CN": "简体中文", "ZH_tw": "繁體中文", "zh": "中文", "en-GB": "English (en-GB)", "de-CH-1996": "Deutsch (de-CH-1996)",
		"tlh": "tlh", "": "", "english": "english",
	} {
		if got := locale.Autonym(tag); got != want {
			t.Errorf("%q is called %q, want %q", tag, got, want)
		}
	}
}
