package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"marque/influence/account"
)

// coordinationAccounts reads posts (TSV with the columns account, published, post_type, text, in any order of time) and writes for each
// account a score: higher is more coordinated. The window in seconds stands in window.txt beside the questions, or in MARQUE_WINDOW; a
// minute where neither is there.
func coordinationAccounts(ctx context.Context, questions, answers string) (err error) {
	window, err := coordinationWindow(questions)
	if err != nil {
		return err
	}
	known, err := account.Builtin()
	if err != nil {
		return err
	}
	in, err := os.Open(questions)
	if err != nil {
		return err
	}
	defer in.Close()
	posts, err := account.NewReader(in, known)
	if err != nil {
		return err
	}
	result, err := account.Run(ctx, posts.Posts(), account.Config{Window: window}, filepath.Dir(answers))
	if err = errors.Join(err, posts.Err()); err != nil {
		return err
	}
	if n := posts.Rejected(); n > 0 {
		fmt.Fprintf(os.Stderr, "%d rows left out, first: line %d: %s\n", n, posts.Rejects()[0].Line, posts.Rejects()[0].Reason)
	}
	out, err := os.Create(answers)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	w := bufio.NewWriter(out)
	fmt.Fprintln(w, "account,score")
	for _, s := range result.Scores() {
		fmt.Fprintf(w, "%s,%s\n", csvField(s.Account), strconv.FormatFloat(s.Score, 'f', 6, 64))
	}
	return w.Flush()
}

// csvField quotes a field where that is needed.
func csvField(s string) string {
	if strings.ContainsAny(s, ",\"\r\n") {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

func coordinationWindow(questions string) (time.Duration, error) {
	text := os.Getenv("MARQUE_WINDOW")
	if text == "" {
		b, err := os.ReadFile(filepath.Join(filepath.Dir(questions), "window.txt"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, err
		}
		text = strings.TrimSpace(string(b))
	}
	if text == "" {
		return time.Minute, nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("window: %q: want seconds, a whole number above 0", text)
	}
	return time.Duration(n) * time.Second, nil
}
