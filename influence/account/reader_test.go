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

func read(t testing.TB, in string) ([]account.Post, *account.Reader, error) {
	t.Helper()
	known, err := account.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	r, err := account.NewReader(strings.NewReader(in), known)
	if err != nil {
		return nil, nil, err
	}
	return slices.Collect(r.Posts()), r, nil
}

func TestExports(t *testing.T) {
	at := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	minute := at.Truncate(time.Minute)
	for _, c := range []struct {
		name, mapping, in string
		want              account.Post
	}{
		{
			"tabs", "posts", "account\tcategory\tpublished\tlanguage\tpost_type\ttext\nbob\tx\t2024-05-06 07:08:09\tGerman\tR\tsays \"hello\n",
			account.Post{Account: "bob", Time: at, Language: "German", Repost: true, Text: `says "hello`},
		},
		{
			"X, information operations", "x-information-operations",
			"tweetid,userid,user_screen_name,tweet_language,tweet_text,tweet_time,is_retweet,hashtags,urls\n1,99,bob,de,\"a, b\nc\",2024-05-06 07:08,False,\"[plum, pear]\",['http://a.example/x']\n",
			account.Post{Account: "bob", Time: minute, Language: "de", Text: "a, b\nc", Hashtags: []string{"plum", "pear"}, Links: []string{"http://a.example/x"}},
		},
		{
			"X, API 2", "x-api-v2",
			`{"author_id":"99","created_at":"2024-05-06T07:08:09.000Z","text":"hi","lang":"en","referenced_tweets":[{"type":"retweeted"}],"entities":{"hashtags":[{"tag":"plum"},{"tag":"pear"}]}}`,
			account.Post{Account: "99", Time: at, Language: "en", Repost: true, Text: "hi", Hashtags: []string{"plum", "pear"}},
		},
		{
			"Telegram Desktop", "telegram-desktop",
			`{"name":"chan","type":"public_channel","messages":[{"from_id":"channel1","date":"2024-05-06T07:08:09","date_unixtime":"1714979289","text":["see ",{"type":"link","text":"http://a.example"}]}]}`,
			account.Post{Account: "channel1", Time: at, Text: "see http://a.example"},
		},
		{
			"Telegram API", "telegram-api",
			`{"peer_id":{"channel_id":1234567890},"date":1714979289,"message":"hi","fwd_from":null}` + "\n",
			account.Post{Account: "1234567890", Time: at, Text: "hi"},
		},
		{
			"TikTok", "tiktok-research",
			`[{"username":"bob","create_time":1714979289,"video_description":"hi","hashtag_names":["plum"]}]`,
			account.Post{Account: "bob", Time: at, Text: "hi", Hashtags: []string{"plum"}},
		},
		{
			"CrowdTangle", "crowdtangle", "\xef\xbb\xbfPage Name,User Name,Post Created,Message,Link\nBob's,bob,2024-05-06 07:08:09 UTC,hi,http://a.example\n",
			account.Post{Account: "bob", Time: at, Text: "hi", Links: []string{"http://a.example"}},
		},
		{
			"Meta Content Library", "meta-content-library",
			`{"post_owner":{"id":"5","username":"bob"},"creation_time":"2024-05-06T07:08:09+00:00","text":"hi","hashtags":["#plum"]}` + "\n",
			account.Post{Account: "bob", Time: at, Text: "hi", Hashtags: []string{"#plum"}},
		},
		{
			"ids only", "coshares", "\"account_id\",\"post_id\",\"url_id\",\"hashtag_id\",\"timestamp\"\n\"fb_1\",7,8,NA,1714979289\n",
			account.Post{Account: "fb_1", Time: at, Links: []string{"8"}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, r, err := read(t, c.in)
			if err != nil || r.Err() != nil || r.Rejected() != 0 {
				t.Fatalf("read: %v, %+v", err, r)
			}
			if r.Mapping().Name != c.mapping {
				t.Errorf("mapping %s, want %s", r.Mapping().Name, c.mapping)
			}
			if d := cmp.Diff([]account.Post{c.want}, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestBadRowsAreToldAndTheOthersRead(t *testing.T) {
	in := "account,published,text\n" +
		"a,2024-02-30T10:00:00,no such day\n" +
		"b,2024-02-20T10:00:00,good\n" +
		"c,yesterday,no date\n" +
		",2024-02-20T10:00:00,no account\n" +
		"d,9999-02-20T10:00:00,far future\n" +
		"e,2024-02-20T10:00:00,\"an \"odd\" quote\"\n" +
		"f,2024-02-21T10:00:00,good\n"
	posts, r, err := read(t, in)
	if err != nil || r.Err() != nil {
		t.Fatal(err, r.Err())
	}
	var names []string
	for _, p := range posts {
		names = append(names, p.Account)
	}
	if d := cmp.Diff([]string{"b", "f"}, names); d != "" {
		t.Error(d)
	}
	if r.Rejected() != 5 || r.Rejects()[0].Line != 2 || !strings.Contains(r.Rejects()[0].Reason, "2024-02-30") {
		t.Errorf("%d rejected: %+v", r.Rejected(), r.Rejects())
	}
}

func TestUnknownExportNamesColumnsAndMappings(t *testing.T) {
	_, _, err := read(t, "id,body\n1,hello\n")
	if err == nil || !strings.Contains(err.Error(), "id, body") || !strings.Contains(err.Error(), "crowdtangle") {
		t.Errorf("error %v, want the columns and the known mappings", err)
	}
	if _, _, err = read(t, ""); err == nil {
		t.Error("an empty file was read")
	}
}

func TestOwnMapping(t *testing.T) {
	m, err := account.ReadMappings(strings.NewReader("mappings: [{name: mine, has: [who], account: [who], time: [when], text: [what]}]"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := account.NewReader(strings.NewReader("who;when;what\nbob;1714979289000;hi, you\n"), m)
	if err != nil {
		t.Fatal(err)
	}
	posts := slices.Collect(r.Posts())
	if len(posts) != 1 || posts[0].Text != "hi, you" || posts[0].Time.Unix() != 1714979289 {
		t.Errorf("posts %+v", posts)
	}
	for _, bad := range []string{"mappings: [{name: x, has: [a]}]", "mapings: []", "mappings: [{name: x, account: [a], time: [b]}]"} {
		if _, err := account.ReadMappings(strings.NewReader(bad)); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

func TestHugePostCostsNoMoreThanALongOne(t *testing.T) {
	huge := strings.Repeat("word and #tag @name ", 50_000) // a million characters
	posts, r, err := read(t, "account\tpublished\ttext\na\t2024-02-20T10:00:00\t"+huge+"\nb\t2024-02-20T10:00:10\t"+huge+"\n")
	if err != nil || r.Rejected() != 0 || len(posts) != 2 {
		t.Fatalf("%v, %d posts", err, len(posts))
	}
	ps := run(t, account.Config{}, posts).Partners("a")
	if len(ps) != 1 || len(ps[0].Examples[0].Text) > 280 {
		t.Errorf("partners %d, want one whose example is cut", len(ps))
	}
}

func TestInOrderSortsMoreThanFitsInMemory(t *testing.T) {
	const n = 600_000
	posts := func(yield func(account.Post) bool) {
		for i := range n {
			at := (i * 7919) % n / 3
			if !yield(account.Post{Account: fmt.Sprint(i), Time: start.Add(time.Duration(at) * time.Second), Links: []string{"l"}, Repost: i%2 == 0}) {
				return
			}
		}
	}
	var last time.Time
	lastAccount, count := 0, 0
	for p, err := range account.InOrder(t.Context(), posts, t.TempDir()) {
		if err != nil {
			t.Fatal(err)
		}
		var i int
		if _, err := fmt.Sscan(p.Account, &i); err != nil {
			t.Fatal(err)
		}
		if p.Time.Before(last) || p.Time.Equal(last) && i < lastAccount || p.Repost != (i%2 == 0) || len(p.Links) != 1 {
			t.Fatalf("post %d: %+v after %v", count, p, last)
		}
		last, lastAccount = p.Time, i
		count++
	}
	if count != n {
		t.Errorf("%d posts, want %d", count, n)
	}
}

func FuzzReader(f *testing.F) {
	for _, s := range []string{
		"account\tpublished\ttext\na\t2024-02-20T10:00:00\tx #a #b #c\n", "account,published,text\n\"a\n", `{"messages":[{"from_id":1,"date":"x","text":[[["a"]]]}]}`,
		"{\"peer_id\":1,\"date\":1,\"message\":\"m\"}\n{", "[1,2,{}]", "\xef\xbb\xbf", "account;published;text\r\na;1e300;\x00\xff", `[{"user":{"screen_name":"a"},"created_at":"Mon Jan 02 15:04:05 -0700 2006"}]`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		posts, _, err := read(t, in)
		if err != nil {
			return
		}
		r, err := account.Run(t.Context(), slices.Values(posts), account.Config{}, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range r.Scores() {
			if s.Score < 0 || s.Score != s.Score {
				t.Fatalf("score %v", s.Score)
			}
		}
	})
}
