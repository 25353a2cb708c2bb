package model

var nothing = item{word: -1, l1: -1, l2: -1, r1: -1, r2: -1, below: -1}

func (se *search) at(i int32) *attr { return &se.attrs[i+1] }

// ahead is the i-th word of the buffer, nothing behind its end.
func (se *search) ahead(st *state, i int32) *attr {
	if st.front+i > int32(len(se.s.Words)) {
		return &se.attrs[0]
	}
	return &se.attrs[st.front+i+1]
}

func (se *search) item(id int32) *item {
	if id < 0 {
		return &nothing
	}
	return &se.items[id]
}

// distance between two words in steps that grow.
func distance(a, b int32) uint32 {
	switch d := b - a; {
	case d <= 4:
		return uint32(d)
	case d <= 6:
		return 5
	case d <= 10:
		return 6
	}
	return 7
}

// between says what stands between two words: verbs, commas.
func (se *search) between(a, b int32) uint32 {
	if a < 0 || b <= a {
		return 0
	}
	v := min(se.verbs[b]-se.verbs[a+1], 2)
	c := min(se.commas[b]-se.commas[a+1], 2)
	return uint32(1 + v*3 + c)
}

// features returns the rows of a state, after Zhang and Nivre (2011), with clusters besides words.
func (se *search) features(st *state) []uint32 {
	i0 := se.item(st.top)
	i1 := se.item(i0.below)
	i2 := se.item(i1.below)
	s0, s1, s2 := se.at(i0.word), se.at(i1.word), se.at(i2.word)
	b0, b1, b2 := se.ahead(st, 0), se.ahead(st, 1), se.ahead(st, 2)
	s0l, s0r, s1l, s1r, b0l := se.at(i0.l1), se.at(i0.r1), se.at(i1.l1), se.at(i1.r1), se.at(st.l1)
	s0l2, s0r2, s1r2, b0l2 := se.at(i0.l2), se.at(i0.r2), se.at(i1.r2), se.at(st.l2)
	d0, d1 := distance(i0.word, st.front), distance(i1.word, i0.word)
	g0, g1 := se.between(i0.word, st.front), se.between(i1.word, i0.word)
	rows, n := se.rows[:0:cap(se.rows)], uint32(0)
	f := func(a, b, c uint32) {
		n++
		rows = append(rows, row(n, a, b, c))
	}
	for _, x := range [...]*attr{s0, s1, b0, b1} {
		f(x.t, 0, 0)
		f(x.wt, 0, 0)
		f(x.c, x.t, 0)
	}
	f(s2.t, 0, 0)
	f(b2.t, 0, 0)
	// Top of the stack with the front of the buffer: whether LEFT.
	f(s0.wt, b0.wt, 0)
	f(s0.wt, b0.t, 0)
	f(s0.t, b0.wt, 0)
	f(s0.w, b0.w, 0)
	f(s0.t, b0.t, d0)
	f(s0.t, b0.t, g0)
	f(s0.c, b0.c, 0)
	f(s0.c, b0.t, b1.t)
	f(s0.k, b0.k, b0.t)
	// The two on the stack: whether RIGHT.
	f(s1.wt, s0.wt, 0)
	f(s1.wt, s0.t, 0)
	f(s1.t, s0.wt, 0)
	f(s1.w, s0.w, 0)
	f(s1.t, s0.t, d1)
	f(s1.t, s0.t, g1)
	f(s1.c, s0.c, 0)
	f(s1.k, s0.k, s0.t)
	f(s1.wt, b0.t, 0)
	f(s1.t, b0.wt, 0)
	f(b0.t, b1.t, 0)
	f(b0.wt, b1.t, 0)
	f(b0.t, b1.wt, 0)
	// Three words.
	f(s0.t, b0.t, b1.t)
	f(s1.t, s0.t, b0.t)
	f(s2.t, s1.t, s0.t)
	f(b0.t, b1.t, b2.t)
	f(s1.wt, s0.t, b0.t)
	f(s1.t, s0.wt, b0.t)
	f(s1.t, s0.t, b0.wt)
	f(s0.wt, b0.t, b1.t)
	f(s1.c, s0.c, b0.c)
	f(s1.t, s0.t, b0.t^b1.u<<8)
	f(s0.t, b0.t, b1.t^b2.u<<8)
	// Children.
	f(s0.t, s0r.t, b0.t)
	f(s0.t, s0l.t, b0.t)
	f(s0.t, b0.t, b0l.t)
	f(s1.t, s1r.t, s0.t)
	f(s1.t, s1l.t, s0.t)
	f(s1.t, s0.t, s0l.t)
	f(s1.t, s0.t, s0r.t)
	f(s0.t, s0r.wt, b0.t)
	f(s1.t, s1r.wt, s0.t)
	f(s0l.wt, s0.t, 0)
	f(s0r.wt, s0.t, 0)
	f(s1r.wt, s1.t, 0)
	f(b0l.wt, b0.t, 0)
	f(s0.t, s0r.t, s0r2.t)
	f(s0.t, s0l.t, s0l2.t)
	f(s1.t, s1r.t, s1r2.t)
	f(b0.t, b0l.t, b0l2.t)
	// Distance, what stands between.
	f(s0.w, d0, 1)
	f(b0.w, d0, 2)
	f(s1.w, d1, 3)
	f(s0.w, d1, 4)
	f(s0.t, g0, b0.u)
	f(s1.t, g1, s0.u)
	// Kinds of arcs.
	k0, k1, kb := uint32(i0.kinds), uint32(i1.kinds), uint32(st.kinds)
	f(s0.wt, k0, 0)
	f(s0.t, k0, b0.t)
	f(s1.wt, k1, 0)
	f(s1.t, k1, s0.t)
	f(s1.w, k1, s0.t)
	f(b0.wt, kb, 0)
	f(b0.t, kb, s0.t)
	f(s1.u|k1<<8, s0.u|k0<<8, b0.u)
	f(s0.u|k0<<8, b0.u|kb<<8, b1.u)
	// Without the finer tags.
	f(s0.u, b0.u, d0)
	f(s1.u, s0.u, d1)
	f(s1.u<<8|s0.u, b0.u<<8|b1.u, 0)
	f(s1.w, s0.u, b0.u)
	f(s0.w, b0.u, b1.u)
	f(s1.u, s0.w, b0.u)
	f(s0.u, b0.w, b1.u)
	f(s1.c, s0.u, b0.u)
	f(s0.c, s1.u, b0.u)
	f(b0.c, s0.u, s1.u)
	f(s0.c, b0.c, s0.u<<8|b0.u)
	f(s1.c, s0.c, s1.u<<8|s0.u)
	if se.drop != nil {
		kept := rows[:0]
		for i, r := range rows {
			if !se.drop[i] {
				kept = append(kept, r)
			}
		}
		rows = kept
	}
	se.rows = rows
	return rows
}
