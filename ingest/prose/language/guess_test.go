package language_test

import (
	"strings"
	"testing"

	"marque/ingest/prose/language"
)

func TestGuess(t *testing.T) {
	for text, want := range map[string]string{
		"The group attacked the ministry and stole documents that it later put on a site which was run by the same people.":                                          "English",
		"Die Gruppe hat das Ministerium angegriffen und Dokumente gestohlen, die sie später auf einer Seite veröffentlicht hat, die von denselben Leuten stammt.":    "German",
		"Le groupe a attaqué le ministère et a volé des documents qui ont été publiés sur un site que les mêmes personnes ont créé pour cette campagne.":             "French",
		"Группа атаковала министерство и похитила документы, которые она потом опубликовала на сайте, и это не первый случай, как и в прошлом году, что с ней было.": "Russian",
		"Група атакувала міністерство і викрала документи, які потім було опубліковано на сайті, що не є першим випадком, як і торік, та це за його словами.":        "Ukrainian",
		"攻击者入侵了政府的网络并窃取了文件,随后将其发布在网站上。":                                                                                                                              "Chinese",
		"攻撃者は政府のネットワークに侵入し、文書を盗みました。":                                                                                                                                "Japanese",
		"کروه به وزارت حمله کرد و اسناد را از شبکه آن با یک بدافزار که برای این کار بود در سایت خود منتشر کرد":                                                       "Persian",
	} {
		if got := language.Guess(strings.Repeat(text+" ", 3)); got != want {
			t.Errorf("%q: %q, want %q", text[:40], got, want)
		}
	}
	for _, text := range []string{"", "two words", strings.Repeat("a1b2 c3d4 e5f6 xyzzy ", 50)} {
		if got := language.Guess(text); got != "" {
			t.Errorf("%q is %q", text, got)
		}
	}
}
