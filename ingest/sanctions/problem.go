package sanctions

import (
	"errors"
	"fmt"
)

var (
	// ErrColumns says that a file lacks a column, or has it under another name.
	ErrColumns = errors.New("columns are not those of the list")
	// ErrOrder says that files to be joined are not in the order of their numbers.
	ErrOrder = errors.New("rows are not in order")
	// ErrTooLarge says that something passes a limit.
	ErrTooLarge = errors.New("too large")
	// ErrEntities says that an XML file declares a document type or entities, which no list needs.
	ErrEntities = errors.New("document types and entities are refused")
)

// EntryError is a row or element that could not be read. Reading goes on after it.
type EntryError struct {
	// File is which of the files it stands in ("alt"), empty where there is one.
	File string
	// Line counts from 1.
	Line int
	// Field names what is wrong, where it is one field.
	Field  string
	Reason string
}

func (p *EntryError) Error() string {
	s := ""
	if p.File != "" {
		s = p.File + ": "
	}
	s += fmt.Sprintf("line %d: ", p.Line)
	if p.Field != "" {
		s += p.Field + ": "
	}
	return s + p.Reason
}
