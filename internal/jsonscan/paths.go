package jsonscan

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// Paths is a compiled set of wanted paths. It is immutable and may be shared between scanners.
type Paths struct {
	nodes []node
	names []string
}

// node is one key of the path trie. Its children sit in a small open-addressing table keyed by length and first eight bytes.
type node struct {
	leaf  int32 // index of the path that ends here, or -1
	mask  uint64
	slots []slot
}

type slot struct {
	prefix uint64
	key    string
	child  int32 // 0: free, as the root is nobody's child
}

const noNode = -1

// Compile builds the trie for paths; the index of a path in the list is the Path of its values.
func Compile(paths []string) (*Paths, error) {
	if len(paths) >= 1<<16 {
		return nil, fmt.Errorf("paths: %d are more than 65,535", len(paths))
	}
	type tree struct {
		leaf     int32
		children map[string]int32
		order    []string
	}
	trees := []*tree{{leaf: -1, children: map[string]int32{}}}
	add := func(keys []string, leaf int) error {
		at := int32(0)
		for _, k := range keys {
			if k == "" {
				return fmt.Errorf("path %q: empty key", paths[leaf])
			}
			next, ok := trees[at].children[k]
			if !ok {
				next = int32(len(trees))
				trees = append(trees, &tree{leaf: -1, children: map[string]int32{}})
				trees[at].children[k] = next
				trees[at].order = append(trees[at].order, k)
			}
			at = next
		}
		if old := trees[at].leaf; old >= 0 && paths[old] != paths[leaf] {
			return fmt.Errorf("path %q: the same key as %q", paths[leaf], paths[old])
		}
		trees[at].leaf = int32(leaf)
		return nil
	}
	for i, p := range paths {
		keys := strings.Split(p, ".")
		if err := add(keys, i); err != nil {
			return nil, err
		}
		if len(keys) > 1 {
			if err := add([]string{p}, i); err != nil {
				return nil, err
			}
		}
	}
	out := &Paths{names: append([]string(nil), paths...), nodes: make([]node, len(trees))}
	for i, t := range trees {
		out.nodes[i] = newNode(t.leaf, t.order, t.children)
	}
	return out, nil
}

// Name returns the path with index i.
func (p *Paths) Name(i int) string { return p.names[i] }

func newNode(leaf int32, keys []string, children map[string]int32) node {
	n := node{leaf: leaf}
	if len(keys) == 0 {
		return n
	}
	size := uint64(4)
	for size < uint64(len(keys))*4 {
		size *= 2
	}
	n.mask, n.slots = size-1, make([]slot, size)
	for _, k := range keys {
		prefix := prefixOf([]byte(k))
		at := slotOf(prefix, len(k)) & n.mask
		for n.slots[at].child != 0 {
			at = (at + 1) & n.mask
		}
		n.slots[at] = slot{prefix: prefix, key: k, child: children[k]}
	}
	return n
}

// prefixOf packs up to the first eight bytes of a key into a word, the rest zero.
func prefixOf(key []byte) uint64 {
	if len(key) >= 8 {
		return binary.LittleEndian.Uint64(key)
	}
	var w uint64
	for i, c := range key {
		w |= uint64(c) << (8 * i)
	}
	return w
}

func slotOf(prefix uint64, length int) uint64 {
	return ((prefix + uint64(length)) * 0x9E3779B97F4A7C15) >> 40
}

// child returns the child of node at under key, whose prefix word is given, or noNode.
func (p *Paths) child(at int32, prefix uint64, key []byte) int32 {
	n := &p.nodes[at]
	if n.slots == nil {
		return noNode
	}
	for i := slotOf(prefix, len(key)) & n.mask; ; i = (i + 1) & n.mask {
		s := &n.slots[i]
		if s.child == 0 {
			return noNode
		}
		if s.prefix == prefix && len(s.key) == len(key) && (len(key) <= 8 || s.key[8:] == string(key[8:])) {
			return s.child
		}
	}
}
