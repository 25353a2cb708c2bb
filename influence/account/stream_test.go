package account_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/influence/account"
)

var start = time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)

// on is a time on the n-th day.
func on(n int, after time.Duration) time.Time { return start.AddDate(0, 0, n).Add(after) }

func run(t *testing.T, cfg account.Config, posts []account.Post) *account.Result {
	t.Helper()
	r, err := account.Run(t.Context(), slices.Values(posts), cfg, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func score(t *testing.T, r *account.Result, name string) float64 {
	t.Helper()
	s, ok := r.Score(name)
	if !ok {
		t.Fatalf("no score for %s", name)
	}
	return s.Score
}

// troupe are accounts that post one text of their own on each of some days, each ten seconds after the one before.
func troupe(names []string, days int) []account.Post {
	var out []account.Post
	for d := range days {
		for i, n := range names {
			text := fmt.Sprintf("%d plums were burnt in valley v%d by %d men of clan c%d", d, d, d, d)
			out = append(out, account.Post{Account: n, Time: on(d, time.Duration(i)*10*time.Second), Text: text})
		}
	}
	return out
}

// alone are posts that nobody else writes, three a day.
func alone(name string, days int) []account.Post {
	var out []account.Post
	for d := range days {
		for i := range 3 {
			out = append(out, account.Post{
				Account: name, Time: on(d, time.Duration(i)*time.Hour+5*time.Minute),
				Text: fmt.Sprintf("%s thinks for the %dth time that tea number %d is fine today", name, i, d),
			})
		}
	}
	return out
}

func TestTroupeIsFoundAndCanBeAskedAbout(t *testing.T) {
	posts := append(troupe([]string{"a", "b", "c", "d"}, 5), alone("e", 30)...)
	r := run(t, account.Config{}, posts)
	for _, n := range []string{"a", "b", "c", "d"} {
		if s := score(t, r, n); s <= 1 {
			t.Errorf("score of %s is %v, want more than 1", n, s)
		}
	}
	if s := score(t, r, "e"); s != 0 {
		t.Errorf("an account that shares nothing has score %v", s)
	}
	partners := r.Partners("a")
	if len(partners) != 3 {
		t.Fatalf("partners of a: %+v, want three", partners)
	}
	p := partners[0]
	if p.Days != 5 || p.Things != 5 || p.Ahead != 5 || p.Behind != 0 {
		t.Errorf("a and %s: %+v, want five things on five days, a always first", p.Account, p)
	}
	if e := p.Examples[0]; !strings.Contains(e.Text, "plums were burnt") || !e.At.Before(e.PartnerAt) {
		t.Errorf("example %+v, want the shared text with a's time before the partner's", e)
	}
}

func TestOneEveningNeverPasses(t *testing.T) {
	var posts []account.Post
	for i := range 40 {
		for n := range 60 {
			posts = append(posts, account.Post{
				Account: fmt.Sprintf("viewer%d", n), Time: on(0, time.Duration(i)*3*time.Minute+time.Duration(n)*time.Second/2),
				Text: fmt.Sprintf("The %dth answer of the minister was the best of the evening #debate", i),
			})
		}
	}
	r := run(t, account.Config{}, posts)
	for _, s := range r.Scores() {
		if s.Score > 1 {
			t.Fatalf("%s has %v: forty shared texts in one evening must stay at 1 at most", s.Account, s.Score)
		}
	}
}

func TestPairAloneNeverPasses(t *testing.T) {
	r := run(t, account.Config{}, append(troupe([]string{"a", "b"}, 60), alone("a", 60)...))
	if s := score(t, r, "a"); s > 0.5 {
		t.Errorf("one partner is worth %v, want half at most", s)
	}
	j, _ := r.Judge("a", account.Threshold{Value: 1})
	if j.Verdict != account.Undecided || !strings.Contains(j.Reason, "one partner") {
		t.Errorf("judged %s because %q, want undecided because of one partner", j.Verdict, j.Reason)
	}
}

func TestThreeAloneAreUndecided(t *testing.T) {
	r := run(t, account.Config{}, rotate(troupe([]string{"a", "b", "c"}, 60)))
	j, _ := r.Judge("a", account.Threshold{Value: 1})
	if j.Verdict != account.Undecided || !strings.Contains(j.Reason, "2 partners") {
		t.Errorf("judged %s because %q, want undecided because of two partners", j.Verdict, j.Reason)
	}
}

func TestNumberOfPostsIsWorthNothing(t *testing.T) {
	posts := troupe([]string{"a", "b", "c", "d"}, 4)
	quiet := score(t, run(t, account.Config{}, posts), "a")
	loud := score(t, run(t, account.Config{}, append(posts, alone("a", 400)...)), "a")
	if loud != quiet {
		t.Errorf("score %v with 12 posts, %v with 1,200 more that nobody shares", quiet, loud)
	}
}

func TestNearlyTheSameText(t *testing.T) {
	for _, c := range []struct {
		name, a, b string
		same       bool
	}{
		{"links and mentions", "The minister lied about the harvest of plums again https://t.co/abc", "@bob the minister LIED about the harvest of plums again", true},
		{"accents and marks", "Der Minister lügt schon wieder über die Pflaumenernte!", "RT der minister lugt schon wieder uber die pflaumenernte", true},
		{"cut off", "the minister lied about the harvest of plums again and again and nobody in town is ever", "The minister lied about the harvest of plums again and again and nobody in town", true},
		{"HTML", "Plums &amp; pears are burnt in the valley tonight", "Plums & pears are burnt in the valley tonight", true},
		{"signs without spaces", "部长又一次在李子收成问题上撒了谎", "部长又一次在李子收成问题上撒谎", true},
		{"another text", "the minister lied about the harvest of plums again", "the mayor spoke about the price of pears today", false},
		{"too short", "good morning all", "good morning all", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := run(t, account.Config{Kinds: []account.Kind{account.Text}}, []account.Post{
				{Account: "a", Time: on(0, 0), Text: c.a}, {Account: "b", Time: on(0, 30*time.Second), Text: c.b},
			})
			if got := len(r.Partners("a")) == 1; got != c.same {
				t.Errorf("together: %v, want %v", got, c.same)
			}
		})
	}
}

func TestKinds(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b account.Post
		kind account.Kind
	}{
		{"hashtag", account.Post{Text: "so true #PlumGate"}, account.Post{Text: "never forget", Hashtags: []string{"plumgate"}}, account.Hashtag},
		{"link", account.Post{Text: "see https://www.Example.org/a/?utm_source=x#top"}, account.Post{Links: []string{"http://example.org/a"}}, account.Link},
		{"media", account.Post{Media: []string{"p:8f3a"}}, account.Post{Media: []string{"p:8f3a"}}, account.Media},
		{"sequence", account.Post{Text: "x #a #b #c"}, account.Post{Text: "y #a #b #c"}, account.Sequence},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.a.Account, c.a.Time = "a", on(0, 0)
			c.b.Account, c.b.Time = "b", on(0, 10*time.Second)
			r := run(t, account.Config{Kinds: []account.Kind{c.kind}}, []account.Post{c.a, c.b})
			ps := r.Partners("a")
			if len(ps) != 1 || ps[0].Examples[0].Kind != c.kind {
				t.Errorf("partners %+v, want b by %s", ps, c.kind)
			}
		})
	}
}

func TestCommonHashtagIsWorthNothing(t *testing.T) {
	var posts []account.Post
	for d := range 30 {
		for i := range 100 {
			posts = append(posts, account.Post{Account: fmt.Sprintf("u%d", i%50), Time: on(d, time.Duration(i)*5*time.Minute), Text: "well #news"})
		}
	}
	for d := 20; d < 30; d++ {
		for _, n := range []string{"a", "b", "c"} {
			posts = append(posts, account.Post{Account: n, Time: on(d, 2*time.Minute), Text: "hm #news"})
		}
	}
	if s := score(t, run(t, account.Config{}, posts), "a"); s != 0 {
		t.Errorf("a hashtag that is used every five minutes for a month gives %v", s)
	}
}

func TestWhatCannotBeUsedIsCounted(t *testing.T) {
	s := account.New(account.Config{})
	for _, p := range []account.Post{
		{Account: "a", Time: on(1, 0), Text: "one"},
		{Account: "a", Text: "no date"},
		{Time: on(1, 0), Text: "no account"},
		{Account: "a", Time: on(0, 0), Text: "a day late"},
		{Account: "a", Time: on(1, -30*time.Second), Text: "half a minute late"},
	} {
		s.Add(p)
	}
	want := account.Stats{Posts: 2, Undated: 1, Unnamed: 1, Late: 1}
	if d := cmp.Diff(want, s.Stats()); d != "" {
		t.Error(d)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	s := account.New(account.Config{MaxPairs: 100, MaxHeld: 50})
	for i := range 2000 { // each post is shared by two new accounts
		text := fmt.Sprintf("the plum number %d was eaten by the mayor", i)
		s.Add(account.Post{Account: fmt.Sprintf("x%d", i), Time: on(0, time.Duration(i)*time.Millisecond), Text: text})
		s.Add(account.Post{Account: fmt.Sprintf("y%d", i), Time: on(0, time.Duration(i)*time.Millisecond), Text: text})
	}
	for _, p := range troupe([]string{"a", "b", "c", "d"}, 9)[4:] {
		s.Add(p)
	}
	st := s.Stats()
	if st.Forgot == 0 || st.Crowded == 0 {
		t.Errorf("stats %+v, want pairs forgotten and a crowded window", st)
	}
	if v := score(t, s.Result(), "a"); v <= 1 {
		t.Errorf("the troupe has %v: what meets often must outlive what met once", v)
	}
}

func TestResultIsTheSameEachTime(t *testing.T) {
	posts := append(troupe([]string{"a", "b", "c", "d", "e", "f", "g"}, 9), alone("h", 9)...)
	first := run(t, account.Config{}, posts).Scores()
	for range 5 {
		if d := cmp.Diff(first, run(t, account.Config{}, posts).Scores()); d != "" {
			t.Fatal(d)
		}
	}
}

func TestMovedCalendarKeepsHabitsOnly(t *testing.T) {
	posts := troupe([]string{"a", "b", "c", "d"}, 20)
	moved := slices.Collect(account.Moved(slices.Values(posts), 1))
	if len(moved) != len(posts) {
		t.Fatalf("%d posts, want %d", len(moved), len(posts))
	}
	by := map[string]time.Duration{}
	for i, p := range moved {
		d := p.Time.Sub(posts[i].Time)
		if was, ok := by[p.Account]; ok && was != d {
			t.Fatalf("%s moved by %v and %v", p.Account, was, d)
		}
		by[p.Account] = d
		if d == 0 || d%(24*time.Hour) != 0 || d.Abs() > 45*24*time.Hour || p.Text != posts[i].Text {
			t.Fatalf("%s moved by %v", p.Account, d)
		}
	}
	if again := slices.Collect(account.Moved(slices.Values(posts), 1)); !cmp.Equal(moved, again) {
		t.Error("the same calendar moved twice differs")
	}
}

func TestCalibrate(t *testing.T) {
	if _, err := account.Calibrate(t.Context(), slices.Values(troupe([]string{"a", "b"}, 30)), account.Config{}, ""); err == nil {
		t.Error("two accounts give a threshold, want an error that says they are too few")
	}
	var names []string
	for i := range 30 {
		names = append(names, fmt.Sprint("n", i))
	}
	th, err := account.Calibrate(t.Context(), slices.Values(troupe(names, 25)), account.Config{}, "")
	if err != nil || th.Accounts != 30 || th.Value < 1 {
		t.Fatalf("threshold %+v, %v", th, err)
	}
	r := run(t, account.Config{}, troupe(names, 25))
	if j, _ := r.Judge("n5", th); j.Verdict != account.Coordinated {
		t.Errorf("n5 judged %+v", j)
	}
}

func TestJudge(t *testing.T) {
	// "paper" posts first each time, the others follow; they also follow each other.
	posts := append(troupe([]string{"paper", "x", "y", "z"}, 30), alone("lonely", 10)...)
	posts = append(posts, account.Post{Account: "once", Time: on(3, 0), Text: "just this"})
	r := run(t, account.Config{}, posts)
	for name, want := range map[string]account.Verdict{
		"paper": account.Undecided, "x": account.Coordinated, "lonely": account.NotShown, "once": account.Undecided,
	} {
		j, ok := r.Judge(name, account.Threshold{Value: 1})
		if !ok || j.Verdict != want || j.Reason == "" {
			t.Errorf("%s: %s because %q, want %s", name, j.Verdict, j.Reason, want)
		}
	}
	if _, ok := r.Judge("nobody", account.Threshold{}); ok {
		t.Error("an account that was not seen was judged")
	}
}

func TestNetworks(t *testing.T) {
	posts := slices.Concat(
		rotate(troupe([]string{"a1", "a2", "a3", "a4", "a5"}, 30)),
		rotate(later(troupe([]string{"b1", "b2", "b3", "b4"}, 30), 6*time.Hour, "quite ")),
	)
	r := run(t, account.Config{}, posts)
	ns := r.Networks(account.Threshold{Value: 1})
	if len(ns) != 2 || len(ns[0].Accounts) != 5 || len(ns[1].Accounts) != 4 || ns[0].Component == ns[1].Component {
		t.Fatalf("networks %+v, want the five and the four apart", ns)
	}
	if !ns[0].Decided || len(ns[0].Ties) != 10 {
		t.Errorf("network of five: %+v", ns[0])
	}
	cards := account.Describe(slices.Values(posts), ns)
	if c := cards[1]; c.Posts != 120 || c.Hours[15] != 120 || len(c.Phrases) == 0 || c.Phrases[0].Times != 4 {
		t.Errorf("card of the four: %+v", c)
	}
	if got := r.Networks(account.Threshold{Value: 1}); !cmp.Equal(ns, got) {
		t.Error("networks differ the second time")
	}
}

// rotate lets another account be first each day, so that nobody is only copied.
func rotate(posts []account.Post) []account.Post {
	n := 0
	for posts[n].Time.Before(on(0, 23*time.Hour)) {
		n++
	}
	for i := range posts {
		d := i / n
		posts[i].Account = posts[(i+d)%n].Account
	}
	return posts
}

func later(posts []account.Post, by time.Duration, word string) []account.Post {
	for i := range posts {
		posts[i].Time = posts[i].Time.Add(by)
		posts[i].Text = word + strings.ReplaceAll(posts[i].Text, "plums were", "hops and pears are")
	}
	return posts
}

func TestAcross(t *testing.T) {
	posts := troupe([]string{"left1", "right1"}, 3)
	posts = append(posts, alone("left2", 3)...)
	posts = append(posts, account.Post{Account: "right2", Time: on(0, 0), Text: posts[0].Text, Repost: true})
	camp := func(a string) string { return strings.TrimRight(a, "12") }
	b, err := account.Across(t.Context(), slices.Values(posts), camp, 2, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Pairs) != 1 || b.Pairs[0].A != "left1" || b.Pairs[0].B != "right1" || b.Pairs[0].Things != 3 || b.Accounts != 2 {
		t.Errorf("pairs %+v", b.Pairs)
	}
	if len(b.Moved) != account.Nulls {
		t.Errorf("moved calendars %v", b.Moved)
	}
}
