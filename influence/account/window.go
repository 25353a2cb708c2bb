package account

// window holds the posts of the last while, findable by key. Posts are numbered in the order in which they came, and so are the entries
// that lead from a key to its posts, newest first; both leave at the front.
type window struct {
	posts      []held
	firstPost  int64 // number of posts[0]
	entries    []entry
	firstEntry int64
	newest     map[uint64]int64 // key to its newest entry
	gone       int              // posts at the front that have left and are not cut off yet
}

// held is a post in the window.
type held struct {
	at      int64
	account int32
	n       int32 // entries
	first   int64 // its first entry
	sketch  sketch
	text    string
}

type entry struct {
	key    uint64
	post   int64
	next   int64 // older entry of the key, smaller than firstEntry where there is none
	counts bool  // towards how common the key is
}

func newWindow() *window { return &window{newest: map[uint64]int64{}, firstEntry: 1, firstPost: 1} }

// push adds a post; its keys follow with index.
func (w *window) push(p held) {
	p.first, p.n = w.firstEntry+int64(len(w.entries)), 0
	w.posts = append(w.posts, p)
}

// index lets the last pushed post be found under the key.
func (w *window) index(key uint64, counts bool) {
	last := len(w.posts) - 1
	number := w.firstEntry + int64(len(w.entries))
	w.entries = append(w.entries, entry{key: key, post: w.firstPost + int64(last), next: w.newest[key], counts: counts})
	w.newest[key] = number
	w.posts[last].n++
}

// has says whether a post in the window has the key.
func (w *window) has(key uint64) bool { return w.newest[key] >= w.firstEntry }

// at gives the entry with a number, nil where it has left.
func (w *window) at(number int64) *entry {
	if number < w.firstEntry {
		return nil
	}
	return &w.entries[number-w.firstEntry]
}

func (w *window) post(e *entry) *held { return &w.posts[e.post-w.firstPost] }

// expire lets posts go that are older than a time or more than the window may hold. It tells used of each key that is to be counted.
func (w *window) expire(before int64, most int, used func(key uint64, at int64)) {
	for w.gone < len(w.posts) && (w.posts[w.gone].at < before || len(w.posts)-w.gone > most) {
		p := &w.posts[w.gone]
		for number := p.first; number < p.first+int64(p.n); number++ {
			e := w.at(number)
			if w.newest[e.key] == number {
				delete(w.newest, e.key)
			}
			if e.counts {
				used(e.key, p.at)
			}
		}
		p.text = ""
		w.gone++
	}
	if w.gone > 1024 && w.gone > len(w.posts)/2 {
		w.compact()
	}
}

// compact cuts off what has left.
func (w *window) compact() {
	cut := w.firstEntry + int64(len(w.entries))
	if w.gone < len(w.posts) {
		cut = w.posts[w.gone].first
	}
	w.entries = append(w.entries[:0], w.entries[cut-w.firstEntry:]...)
	w.firstEntry = cut
	w.posts = append(w.posts[:0], w.posts[w.gone:]...)
	w.firstPost += int64(w.gone)
	w.gone = 0
}

// live is how many posts are held.
func (w *window) live() int { return len(w.posts) - w.gone }
