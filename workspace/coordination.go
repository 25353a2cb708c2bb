package workspace

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"marque/influence/account"
)

// PostsRead says what was read of files of posts.
type PostsRead struct {
	// Mappings are the exports that the files are, by name of the file.
	Mappings map[string]string `json:"mappings"`
	// Rejected counts the rows that could not be used; Bad tells the first of them.
	Rejected int      `json:"rejected"`
	Bad      []string `json:"bad,omitempty"`
}

// posts are files of posts that are read as often as somebody ranges over them.
type posts struct {
	paths []string
	known account.Mappings
	read  PostsRead
	err   error
}

// openPosts prepares files of posts; mapping names a file with mappings of one's own, empty for none.
func openPosts(paths []string, mapping string) (*posts, error) {
	known, err := account.Builtin()
	if err != nil {
		return nil, err
	}
	if mapping != "" {
		f, err := os.Open(mapping)
		if err != nil {
			return nil, fmt.Errorf("read mappings: %w", err)
		}
		own, err := account.ReadMappings(f)
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("read mappings %s: %w", mapping, err)
		}
		known.Mappings = append(own.Mappings, known.Mappings...)
		known.Dates = append(own.Dates, known.Dates...)
	}
	return &posts{paths: paths, known: known}, nil
}

// all gives the posts of all files. What ended a reading early stands in err afterwards.
func (p *posts) all() iter.Seq[account.Post] {
	return func(yield func(account.Post) bool) {
		p.read = PostsRead{Mappings: map[string]string{}}
		for _, path := range p.paths {
			if p.err != nil {
				return
			}
			if !p.file(path, yield) {
				return
			}
		}
	}
}

// file gives the posts of a file, packed or not, and tells whether more are wanted.
func (p *posts) file(path string, yield func(account.Post) bool) bool {
	f, err := os.Open(path)
	if err != nil {
		p.err = fmt.Errorf("read posts: %w", err)
		return false
	}
	defer f.Close()
	plain := io.Reader(bufio.NewReaderSize(f, 1<<16))
	if magic, _ := plain.(*bufio.Reader).Peek(2); string(magic) == "\x1f\x8b" {
		if plain, err = gzip.NewReader(plain); err != nil {
			p.err = fmt.Errorf("read posts %s: %w", path, err)
			return false
		}
	}
	r, err := account.NewReader(plain, p.known)
	if err != nil {
		p.err = fmt.Errorf("read posts %s: %w", path, err)
		return false
	}
	for post := range r.Posts() {
		if !yield(post) {
			return false
		}
	}
	p.read.Mappings[path] = r.Mapping().Name
	p.read.Rejected += r.Rejected()
	for _, bad := range r.Rejects()[:min(len(r.Rejects()), 10)] {
		p.read.Bad = append(p.read.Bad, fmt.Sprintf("%s, line %d: %s", path, bad.Line, bad.Reason))
	}
	if err := r.Err(); err != nil {
		p.err = fmt.Errorf("read posts %s: %w", path, err)
	}
	return p.err == nil
}

// CoordinationOptions say how accounts are compared.
type CoordinationOptions struct {
	Posts   []string
	Mapping string
	Window  time.Duration
	// Of is an account whose partners are asked for; empty: none.
	Of string
}

// CoordinationResult is what can be said of accounts.
type CoordinationResult struct {
	Read  PostsRead     `json:"read"`
	Stats account.Stats `json:"stats"`
	// Threshold is what chance brings; Undecidable says why there is none, and then nothing is said of any account.
	Threshold   account.Threshold `json:"threshold"`
	Undecidable string            `json:"undecidable,omitempty"`
	// Verdicts counts the accounts by what can be said of them; Accounts tells the coordinated and the undecided that act with others.
	Verdicts map[account.Verdict]int `json:"verdicts"`
	Accounts []account.Judgement     `json:"accounts"`
	Networks []NetworkCard           `json:"networks"`
	// Asked and Partners are of the account that was asked about.
	Asked    *account.Judgement `json:"asked,omitempty"`
	Partners []account.Partner  `json:"partners,omitempty"`
}

// NetworkCard is a network with what it looks like.
type NetworkCard struct {
	account.Network
	Card account.Card `json:"card"`
}

// Coordination finds the accounts that act together in files of posts.
func Coordination(ctx context.Context, o CoordinationOptions) (*CoordinationResult, error) {
	in, err := openPosts(o.Posts, o.Mapping)
	if err != nil {
		return nil, err
	}
	cfg := account.Config{Window: o.Window}
	found, err := account.Run(ctx, in.all(), cfg, "")
	if err = errors.Join(in.err, err); err != nil {
		return nil, err
	}
	out := &CoordinationResult{Read: in.read, Stats: found.Stats, Verdicts: map[account.Verdict]int{}, Accounts: []account.Judgement{}, Networks: []NetworkCard{}}
	out.Threshold, err = account.Calibrate(ctx, in.all(), cfg, "")
	switch {
	case in.err != nil:
		return nil, in.err
	case errors.Is(err, account.ErrTooFew):
		out.Undecidable = err.Error()
	case err != nil:
		return nil, err
	}
	for _, s := range found.Scores() {
		j := out.judge(found, s.Account)
		out.Verdicts[j.Verdict]++
		if j.Verdict == account.Coordinated || j.Verdict == account.Undecided && s.Score > 0 {
			out.Accounts = append(out.Accounts, j)
		}
	}
	if out.Undecidable == "" {
		networks := found.Networks(out.Threshold)
		for i, card := range account.Describe(in.all(), networks) {
			out.Networks = append(out.Networks, NetworkCard{networks[i], card})
		}
	}
	if o.Of != "" {
		if _, seen := found.Score(o.Of); !seen {
			return nil, fmt.Errorf("account %q: %w: it posted nothing in these files", o.Of, ErrUnknown)
		}
		j := out.judge(found, o.Of)
		out.Asked, out.Partners = &j, found.Partners(o.Of)
	}
	return out, in.err
}

// judge says what can be said of an account: nothing, where there is no threshold.
func (r *CoordinationResult) judge(found *account.Result, name string) account.Judgement {
	j, _ := found.Judge(name, r.Threshold)
	if r.Undecidable != "" {
		j.Verdict, j.Reason = account.Undecided, r.Undecidable
	}
	return j
}

// SidesResult is what opposite camps share.
type SidesResult struct {
	Read  PostsRead      `json:"read"`
	Camps map[string]int `json:"camps"` // accounts by camp
	account.BothSides
	// Share is about which part of the pairs chance brings too.
	Share float64 `json:"share_by_chance"`
}

// Sides finds pairs of accounts of different camps that share texts of their own, at least so many. Camps is a table (CSV or TSV) with the
// columns account and camp, or category; between limits it to some of the camps, all where it is empty.
func Sides(ctx context.Context, paths []string, mapping, camps string, between []string, least int) (*SidesResult, error) {
	in, err := openPosts(paths, mapping)
	if err != nil {
		return nil, err
	}
	of, err := readCamps(camps)
	if err != nil {
		return nil, fmt.Errorf("read camps %s: %w", camps, err)
	}
	out := &SidesResult{Camps: map[string]int{}}
	for name, camp := range of {
		if len(between) > 0 && !slices.Contains(between, camp) {
			delete(of, name)
			continue
		}
		out.Camps[camp]++
	}
	if len(out.Camps) < 2 {
		return nil, fmt.Errorf("camps %s: %d camps are there, want two or more", camps, len(out.Camps))
	}
	out.BothSides, err = account.Across(ctx, in.all(), func(a string) string { return of[a] }, least, "")
	out.Read, out.Share = in.read, out.BothSides.Share()
	return out, errors.Join(in.err, err)
}

func readCamps(path string) (map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	plain := bufio.NewReaderSize(f, 1<<16)
	if magic, _ := plain.Peek(2); string(magic) == "\x1f\x8b" {
		z, err := gzip.NewReader(plain)
		if err != nil {
			return nil, err
		}
		plain = bufio.NewReaderSize(z, 1<<16)
	}
	r := csv.NewReader(plain)
	r.LazyQuotes, r.FieldsPerRecord, r.ReuseRecord = true, -1, true
	if head, _ := plain.Peek(1 << 12); strings.ContainsRune(strings.SplitN(string(head), "\n", 2)[0], '\t') {
		r.Comma = '\t'
	}
	head, err := r.Read()
	if err != nil {
		return nil, err
	}
	who, camp := slices.Index(head, "account"), max(slices.Index(head, "camp"), slices.Index(head, "category"))
	if who < 0 || camp < 0 {
		return nil, errors.New("want the columns account and camp (or category)")
	}
	out := map[string]string{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if len(row) > max(who, camp) && row[camp] != "" {
			out[strings.Clone(row[who])] = strings.Clone(row[camp])
		}
	}
}
