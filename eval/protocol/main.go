// Command protocol answers the questions of an evaluation protocol with the product's own functions, so that anybody can grade Marque on
// material of their own:
//
//	go run ./eval/protocol PROTOCOL TASK QUESTIONS ANSWERS
//
// QUESTIONS is the file or folder that the protocol's `export` wrote, ANSWERS the file to write. Each protocol has its file here, which
// says what the columns are; nothing in this folder decides anything.
package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
)

// answer reads the questions and writes the answers.
type answer func(ctx context.Context, questions, answers string) error

// protocols are the tasks by protocol.
var protocols = map[string]map[string]answer{
	"c2pa":         {"check": c2paCheck},
	"coordination": {"accounts": coordinationAccounts},
	"deterrence":   deterrence,
	"families":     {"figures": familiesFigures},
	"statements":   statements,
	"successors":   {"alert": successorsAlert, "predict": successorsPredict},
	"names":        names,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "protocol:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("want PROTOCOL TASK QUESTIONS ANSWERS; protocols: %s", strings.Join(offered(), ", "))
	}
	a, ok := protocols[args[0]][args[1]]
	if !ok {
		return fmt.Errorf("%s %s is not known: want one of %s", args[0], args[1], strings.Join(offered(), ", "))
	}
	return a(ctx, args[2], args[3])
}

// offered lists "protocol task".
func offered() []string {
	var out []string
	for _, p := range slices.Sorted(maps.Keys(protocols)) {
		for _, t := range slices.Sorted(maps.Keys(protocols[p])) {
			out = append(out, p+" "+t)
		}
	}
	return out
}
