package main

import (
	"context"
	"errors"
	"syscall"

	"marque/export"
	"marque/ledger"
	"marque/store"
	"marque/workspace"
)

// Errors that have an exit code of their own.
var (
	errInterrupted = errors.New("interrupted; what was acknowledged is kept, run the same command to go on")
	// errCheck is the answer "no" of a command that checks something.
	errCheck = errors.New("the check failed")
)

// usageError is a command line that is not right.
type usageError struct{ err error }

func (u usageError) Error() string { return u.err.Error() }
func (u usageError) Unwrap() error { return u.err }

// exitCodes is what each kind of error exits with: the first that fits.
var exitCodes = []struct {
	is   func(error) bool
	code int
}{
	{func(err error) bool { return err == nil }, 0},
	{func(err error) bool { return errors.As(err, new(usageError)) }, 2},
	{is(export.ErrRed), 2},
	{is(errCheck), 3},
	{is(ledger.ErrAltered), 3},
	{is(store.ErrDamaged), 3},
	{is(workspace.ErrSetAside), 4},
	{is(workspace.ErrNotUnderstood), 4},
	{is(errInterrupted), 130},
}

func is(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }

func exitCode(err error) int {
	for _, c := range exitCodes {
		if c.is(err) {
			return c.code
		}
	}
	return 1
}

// advice is what to do about an error whose own words come from a system or a library: the first that fits.
var advice = []struct {
	is   error
	text string
}{
	{syscall.ENOSPC, noRoom},
	{store.ErrFull, noRoom},
	{store.ErrDamaged, "marque verify names what is damaged; put a copy of the workspace in its place, or make a new one and read the sources again"},
}

const noRoom = "there is no room left on the disk; what was acknowledged is kept: make room, and run the same command again"

// explain is an error in words, with what to do about it.
func explain(err error) string {
	for _, a := range advice {
		if errors.Is(err, a.is) {
			return err.Error() + "\n  " + a.text
		}
	}
	return err.Error()
}

// interrupted tells whether an error comes of the person's having ended the command, whatever work it cut off.
func interrupted(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() != nil
}
