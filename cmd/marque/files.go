package main

import (
	"fmt"
	"os"
	"strings"
)

// expand turns folders into the files in them, for commands that take both.
func expand(paths []string) ([]string, error) {
	var out []string
	for _, p := range paths {
		info, err := os.Stat(p)
		if p == "-" || err != nil || !info.IsDir() {
			out = append(out, p) // a missing file is reported by who reads it
			continue
		}
		entries, err := os.ReadDir(p)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", p, err)
		}
		for _, e := range entries {
			if e.Type().IsRegular() && !strings.HasPrefix(e.Name(), ".") {
				out = append(out, p+string(os.PathSeparator)+e.Name())
			}
		}
	}
	return out, nil
}
