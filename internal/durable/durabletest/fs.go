// Package durabletest is a disk in memory that fails or loses power at a chosen step. In: what a program writes through durable.FS, and at
// which step what shall happen. Out: what the program sees, and after [FS.Restart] what a machine finds that came up again.
//
// The model: what is written is visible at once and on the disk after Sync of that file; a name is on the disk after Sync of its
// folder. What was not synced may or may not survive a crash: [Keep] says which. A sync that fails may have marked the data as clean: another
// sync of the same bytes then does nothing (as Linux does), so only writing them again helps.
package durabletest

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"marque/internal/durable"
)

// ErrCrashed is what every operation returns between the crash and Restart.
var ErrCrashed = errors.New("the machine lost power")

// Keep says what survives a crash of all that was not synced.
type Keep int

// What a crash keeps. Half: the first half of each file's unsynced bytes, and every other name of a folder.
const (
	Nothing Keep = iota
	Everything
	Half
	Names // names are on the disk, content is not: files of length 0 or of their old content
)

// Keeps are all of them, for tests that enumerate.
var Keeps = []Keep{Nothing, Everything, Half, Names}

// FS is the disk. It is safe for concurrent use.
type FS struct {
	mu      sync.Mutex
	nodes   map[string]*node // what is seen, by clean path
	disk    map[string]*node // what survives
	step    int
	failAt  int
	failErr error
	lasting bool // the fault stays, as a full disk does
	crashAt int
	keep    Keep
	crashed bool
}

// node is a file or folder. A name that is renamed keeps its node.
type node struct {
	dir   bool
	perm  fs.FileMode
	data  []byte
	disk  []byte
	clean int // so many leading bytes of data count as synced although a sync failed
}

var _ durable.FS = (*FS)(nil)

// New makes an empty disk with the root folder.
func New() *FS {
	root := &node{dir: true, perm: 0o755}
	return &FS{nodes: map[string]*node{"/": root}, disk: map[string]*node{"/": root}, failAt: -1, crashAt: -1}
}

// FailAt lets the step n from now on (from 0) fail once. A write that fails has written half of its bytes.
func (d *FS) FailAt(n int, err error) { d.plan(n, err, false) }

// FailFrom lets all steps from n on fail that need room (writes, new files, new folders), until Clear, as a full disk does.
func (d *FS) FailFrom(n int, err error) { d.plan(n, err, true) }

func (d *FS) plan(n int, err error, lasting bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.step, d.failAt, d.failErr, d.lasting, d.crashAt = 0, n, err, lasting, -1
}

// CrashAt cuts the power in place of step n from now on.
func (d *FS) CrashAt(n int, keep Keep) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.step, d.failAt, d.crashAt, d.keep = 0, -1, n, keep
}

// Clear takes the plan back and counts steps from 0.
func (d *FS) Clear() { d.plan(-1, nil, false) }

// Steps is how many steps were taken since the last plan, or Clear.
func (d *FS) Steps() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.step
}

// Restart brings the machine up again after a crash, or cuts the power now if it did not crash yet. The plan is gone.
func (d *FS) Restart(keep Keep) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.crashed {
		d.crash(keep)
	}
	d.crashed, d.step, d.failAt, d.crashAt = false, 0, -1, -1
}

// Clone copies the disk and what is not yet on it, without the plan.
func (d *FS) Clone() *FS {
	d.mu.Lock()
	defer d.mu.Unlock()
	seen := map[*node]*node{}
	copied := func(names map[string]*node) map[string]*node {
		out := make(map[string]*node, len(names))
		for name, n := range names {
			if seen[n] == nil {
				c := *n
				c.data, c.disk = slices.Clone(n.data), slices.Clone(n.disk)
				seen[n] = &c
			}
			out[name] = seen[n]
		}
		return out
	}
	return &FS{nodes: copied(d.nodes), disk: copied(d.disk), failAt: -1, crashAt: -1}
}

// Files are the files that are seen, by path.
func (d *FS) Files() map[string][]byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := map[string][]byte{}
	for name, n := range d.nodes {
		if !n.dir {
			out[name] = slices.Clone(n.data)
		}
	}
	return out
}

func (d *FS) crash(keep Keep) {
	for i, name := range sortedNames(d.nodes) {
		n := d.nodes[name]
		if keep == Everything || keep == Names || keep == Half && i%2 == 0 {
			d.disk[name] = n
		}
	}
	for name := range d.disk {
		if d.nodes[name] == nil && (keep == Everything || keep == Names) {
			delete(d.disk, name)
		}
	}
	d.nodes = map[string]*node{}
	for _, name := range sortedNames(d.disk) {
		if name != "/" && d.nodes[filepath.Dir(name)] == nil {
			continue // its folder is not there
		}
		n := d.disk[name]
		switch {
		case keep == Everything:
			n.disk = n.data
		case keep == Half && len(n.data) > len(n.disk):
			n.disk = n.data[:len(n.disk)+(len(n.data)-len(n.disk))/2]
		}
		n.data = slices.Clone(n.disk)
		n.clean = 0
		d.nodes[name] = n
	}
	d.disk = maps.Clone(d.nodes)
	d.crashed = true
}

func sortedNames(m map[string]*node) []string {
	out := make([]string, 0, len(m))
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out) // a folder comes before what is in it
	return out
}

// take counts a step and returns what the plan has for it. room tells whether it needs space on the disk.
func (d *FS) take(room bool) error {
	if d.crashed {
		return ErrCrashed
	}
	n := d.step
	d.step++
	switch {
	case n == d.crashAt:
		d.crash(d.keep)
		return ErrCrashed
	case n == d.failAt && !d.lasting, d.lasting && room && n >= d.failAt:
		return d.failErr
	}
	return nil
}

func fault(op, name string, err error) error { return &fs.PathError{Op: op, Path: name, Err: err} }

// OpenFile implements durable.FS.
func (d *FS) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.crashed {
		return nil, ErrCrashed
	}
	name = filepath.Clean(name)
	n := d.nodes[name]
	switch {
	case n != nil && flag&os.O_EXCL != 0:
		return nil, fault("open", name, fs.ErrExist)
	case n == nil && flag&os.O_CREATE == 0:
		return nil, fault("open", name, fs.ErrNotExist)
	case n == nil:
		if above := d.nodes[filepath.Dir(name)]; above == nil || !above.dir {
			return nil, fault("open", name, fs.ErrNotExist)
		}
		if err := d.take(true); err != nil {
			return nil, fault("open", name, err)
		}
		n = &node{perm: perm}
		d.nodes[name] = n
	}
	return &file{fsys: d, name: name, node: n, flag: flag}, nil
}

// Rename implements durable.FS.
func (d *FS) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.take(false); err != nil {
		return fault("rename", from, err)
	}
	from, to = filepath.Clean(from), filepath.Clean(to)
	n := d.nodes[from]
	if n == nil {
		return fault("rename", from, fs.ErrNotExist)
	}
	delete(d.nodes, from)
	d.nodes[to] = n
	return nil
}

// Remove implements durable.FS.
func (d *FS) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.take(false); err != nil {
		return fault("remove", name, err)
	}
	name = filepath.Clean(name)
	if d.nodes[name] == nil {
		return fault("remove", name, fs.ErrNotExist)
	}
	delete(d.nodes, name)
	return nil
}

// Mkdir implements durable.FS.
func (d *FS) Mkdir(name string, perm fs.FileMode) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	name = filepath.Clean(name)
	if d.nodes[name] != nil {
		return fault("mkdir", name, fs.ErrExist)
	}
	if d.nodes[filepath.Dir(name)] == nil {
		return fault("mkdir", name, fs.ErrNotExist)
	}
	if err := d.take(true); err != nil {
		return fault("mkdir", name, err)
	}
	d.nodes[name] = &node{dir: true, perm: perm}
	return nil
}

type file struct {
	fsys   *FS
	name   string
	node   *node
	flag   int
	at     int
	closed bool
}

func (f *file) Read(p []byte) (int, error) {
	f.fsys.mu.Lock()
	defer f.fsys.mu.Unlock()
	if f.fsys.crashed {
		return 0, ErrCrashed
	}
	if f.at >= len(f.node.data) {
		return 0, io.EOF
	}
	n := copy(p, f.node.data[f.at:])
	f.at += n
	return n, nil
}

func (f *file) Write(p []byte) (int, error) {
	f.fsys.mu.Lock()
	defer f.fsys.mu.Unlock()
	err := f.fsys.take(true)
	if errors.Is(err, ErrCrashed) {
		return 0, err
	}
	n := len(p)
	if err != nil {
		n /= 2
		err = fault("write", f.name, err)
	}
	if f.flag&os.O_APPEND != 0 {
		f.at = len(f.node.data)
	}
	f.node.data = append(f.node.data[:f.at:f.at], p[:n]...)
	f.at += n
	return n, err
}

// Sync of a folder brings its names onto the disk, that of a file its content.
func (f *file) Sync() error {
	f.fsys.mu.Lock()
	defer f.fsys.mu.Unlock()
	err := f.fsys.take(false)
	if errors.Is(err, ErrCrashed) {
		return err
	}
	if f.node.dir {
		if err == nil {
			f.fsys.syncNames(f.name)
		}
	} else {
		if err == nil && f.node.clean <= len(f.node.disk) {
			f.node.disk = slices.Clone(f.node.data)
			f.node.clean = 0
		}
		if err != nil {
			f.node.clean = len(f.node.data)
		}
	}
	if err != nil {
		return fault("sync", f.name, err)
	}
	return nil
}

func (d *FS) syncNames(dir string) {
	inside := func(name string) bool { return name != "/" && filepath.Dir(name) == dir }
	for name := range d.disk {
		if inside(name) && d.nodes[name] == nil {
			delete(d.disk, name)
			for below := range d.disk {
				if strings.HasPrefix(below, name+"/") {
					delete(d.disk, below)
				}
			}
		}
	}
	for name, n := range d.nodes {
		if inside(name) {
			d.disk[name] = n
		}
	}
}

func (f *file) Truncate(size int64) error {
	f.fsys.mu.Lock()
	defer f.fsys.mu.Unlock()
	if err := f.fsys.take(false); err != nil {
		return fault("truncate", f.name, err)
	}
	f.node.data = slices.Clone(f.node.data[:min(int(size), len(f.node.data))])
	f.node.clean = min(f.node.clean, int(size))
	return nil
}

func (f *file) Close() error {
	f.fsys.mu.Lock()
	defer f.fsys.mu.Unlock()
	if f.closed {
		return fault("close", f.name, fs.ErrClosed)
	}
	f.closed = true
	if f.flag&(os.O_WRONLY|os.O_RDWR) == 0 {
		return nil
	}
	if err := f.fsys.take(false); err != nil {
		return fault("close", f.name, err)
	}
	return nil
}
