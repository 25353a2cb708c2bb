// Package account finds accounts that act together: that post the same texts, links, hashtags and media at the same time, again and
// again, with the same others.
//
// In come posts in the order of time (Post; Reader reads the exports of platforms by mappings that are data, InOrder sorts what is
// not in order). Out come a score for each account with its two parts (Score), whom it acts with and what they shared (Partner, Example),
// a judgement with its reason (Judge), networks (Networks) with what they look like (Describe), and pairs of opposite camps that share
// texts (Across).
//
// # What counts
//
// Two posts of different accounts count as together when they are at most a window apart and have a key in common: nearly the same text
// (folded, MinHash over pairs of words), a hashtag, three or more hashtags in the same order, a link, a medium. What this is worth falls with
// how common the key was in the month before, since chance brings common things together, and with how many did it in that window,
// since an audience does. An account's score is the smaller of how many it acts with and on how many days: a pair alone does not pass
// whatever it shares, nor does any number of accounts on one evening. The approach follows the co-sharing networks of Pacheco
// et al. (2021) and Giglietto et al. (2020); rarity, breadth and persistence are ours.
//
// # What chance brings
//
// The threshold is read off the same accounts, texts and hours with each account's calendar moved by days of its own, five times and
// pooled (Moved, Calibrate), and never off the accounts to be judged. It never falls under what one day can be worth.
//
// # What cannot be said
//
// A quiet account, a single pair, an account that others copy, what happened on one day: these look alike with and without a
// hand behind them, and Judge says undecided, with the reason. Coordinated does not say by whom, nor that anything is false; unions,
// fan clubs and newsrooms coordinate.
//
// # Invariants
//
//   - Memory is bounded by Config, the number of accounts and the posts within the window, not by the number of posts.
//   - Equal posts in equal order give equal results, bit for bit.
//   - More posts at other times do not raise a score.
//   - Bad input is counted and left out: rows without account or date (Reader.Rejects), posts that come too late (Stats).
package account
