package main

import (
	"bufio"
	"os/exec"
	"regexp"

	"github.com/rogpeppe/go-internal/testscript"
)

var servingAt = regexp.MustCompile(`serving (http://[^/\s]+)/`)

// serving is a command of the scripts: serving NAME HOME starts marque serve on a free port and sets NAME to its address; the server ends
// with the script.
func serving(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: serving NAME HOME")
	}
	c := exec.Command("marque", "--home", args[1], "serve", "--listen", "127.0.0.1:0") //nolint:noctx // it ends with the script
	c.Dir, c.Env = ts.Getenv("WORK"), append(c.Environ(), "PATH="+ts.Getenv("PATH"))
	if path, err := exec.LookPath("marque"); err == nil {
		c.Path = path
	}
	out, err := c.StdoutPipe()
	ts.Check(err)
	ts.Check(c.Start())
	ts.Defer(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if m := servingAt.FindStringSubmatch(lines.Text()); m != nil {
			ts.Setenv(args[0], m[1])
			return
		}
	}
	ts.Fatalf("marque serve --home %s ended before it listened", args[1])
}
