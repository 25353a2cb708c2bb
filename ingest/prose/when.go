package prose

// whenOf is the expression of time that belongs to the chunk at v: the nearest in its clause, else the one that opens the
// sentence.
func (rd *reading) whenOf(c *sentenceContext, v int) When {
	s := rd.sents[c.n]
	p := c.p
	at := p.toks[p.chunks[v].from].start
	var best *Time
	if !c.timed {
		c.times, c.timed = rd.cal.In(s.start, s.end), true
	}
	for i := range c.times {
		e := &c.times[i]
		if rd.speechTime(p, e) {
			continue
		}
		if best == nil || distance(e, at) < distance(best, at) {
			best = e
		}
	}
	if best == nil {
		return When{}
	}
	if best.Start > at && p.clauseEnd(v) < len(p.chunks) && best.Start > p.toks[p.chunks[p.clauseEnd(v)].from].start {
		return When{}
	}
	return best.When
}

func distance(e *Time, at int) int {
	if e.Start > at {
		return e.Start - at
	}
	return at - e.Start
}

// speechTime tells that the time is when somebody spoke or published, not when something was done.
func (rd *reading) speechTime(p *clauseParse, e *Time) bool {
	for i := range p.chunks {
		ch := &p.chunks[i]
		if ch.kind != kVG || !p.lx.speech[ch.word] && ch.word != "publish" && ch.word != "release" {
			continue
		}
		end := p.toks[ch.to-1].end
		if e.Start >= end && e.Start-end <= 8 {
			return true
		}
	}
	for _, t := range p.toks {
		if t.start >= e.End && t.start <= e.End+2 {
			return p.lx.noun(t.low)&cSource != 0 || t.low == "hearing"
		}
	}
	return false
}
