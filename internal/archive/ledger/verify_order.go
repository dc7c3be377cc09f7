package ledger

import (
	"context"
	"fmt"
	"slices"

	"sanad/internal/act"
)

// inLog checks an envelope against the ones before it.
func (v *verifier) inLog(env *act.Envelope, seq int64) {
	if env.Recorded < v.recorded {
		v.problem(seq, "it was recorded at %s, before the act before it", env.Recorded)
	}
	v.recorded = max(v.recorded, env.Recorded)
	id := v.seen.hash(env.ID[:])
	first, there := v.seen.ids[id]
	if there {
		v.problem(seq, "its id is that of act %d", first)
	}
	v.inThread(env, seq)
	commits := v.seen.commitsOf(env)
	for i := range env.Cites {
		cited := v.seen.hash(env.Cites[i][:])
		_, there = v.seen.ids[cited]
		if !there {
			v.problem(seq, "it cites an act that is not before it")
			continue
		}
		if !carries(commits, v.seen.commits[cited]) {
			v.problem(seq, "it changes a commitment that an act it cites carries")
		}
	}
	v.seen.ids[id] = seq
	if len(commits) > 0 {
		v.seen.commits[id] = commits
	}
	if env.Kind == kindSignature {
		v.report.Signatures++
	}
	if env.Kind == KindExhibit && v.check.Exhibit != nil {
		v.exhibit(env, seq)
	}
}

// inFile checks by what a file is read backwards: no leaf binds it, and acts would be overlooked if it were wrong.
func (v *verifier) inFile(a *checked) {
	file := a.File
	if a.env != nil {
		file = a.env.File
	}
	key := v.seen.hash(file[:])
	before := v.seen.files[key]
	if a.Prior != before && !v.lost {
		v.problem(a.seq, "its row says that %s is before it in its file, it is %s", numbered(a.Prior), numbered(before))
	}
	v.seen.files[key] = a.seq + 1
}

// numbered words what a row says of the act before: its number plus one, or 0.
func numbered(prior int64) string {
	if prior == 0 {
		return "no act"
	}
	return fmt.Sprintf("act %d", prior-1)
}

// inThread checks that a thread is one file as one audience sees it, without a gap.
func (v *verifier) inThread(env *act.Envelope, seq int64) {
	where, name := v.seen.where(env.File, env.Audience), v.seen.hash(env.Thread[:])
	t, known := v.seen.threads[where]
	if env.Pos != t.next {
		v.problem(seq, "position %d of its thread was expected, it says %d", t.next, env.Pos)
	}
	switch {
	case known && t.name == name:
	case known && t.name != 0:
		v.problem(seq, "its file and audience have another thread already")
	default:
		first, there := v.seen.names[name]
		if there {
			v.problem(seq, "its thread is that of act %d, of another file or audience", first)
		} else {
			v.seen.names[name] = seq
		}
	}
	v.seen.threads[where] = thread{env.Pos + 1, name}
}

// forks looks for acts with one link. Only where two keyed hashes are equal, which they are by chance once in many
// million logs, are the links themselves compared.
func (v *verifier) forks(ctx context.Context) {
	slices.Sort(v.seen.links)
	if len(slices.Compact(v.seen.links)) == int(v.report.Acts) {
		return
	}
	rows, err := v.tx.Query(ctx, "SELECT a.seq, b.first FROM act a JOIN (SELECT link, min(seq) AS first FROM act GROUP BY link HAVING count(*) > 1) b ON b.link = a.link WHERE a.seq > b.first ORDER BY a.seq")
	if err != nil {
		v.problem(-1, "links can't be compared: %v", err)
		return
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	for rows.Next() {
		var seq, first int64
		err = rows.Scan(&seq, &first)
		if err != nil {
			break
		}
		v.problem(seq, "its link is that of act %d: the thread forks", first)
	}
	if err == nil {
		err = rows.Err()
	}
	if err != nil {
		v.problem(-1, "links can't be compared: %v", err)
	}
}

// byColumns remembers an act whose envelope can't be read by its columns, so that nothing is said of innocent acts that
// follow or cite it.
func (v *verifier) byColumns(a *checked) {
	v.unread = true
	v.seen.ids[v.seen.hash(a.ID[:])] = a.seq
	where := v.seen.where(a.File, a.Audience)
	t := v.seen.threads[where]
	v.seen.threads[where] = thread{t.next + 1, t.name}
}

func (s *seen) commitsOf(env *act.Envelope) []commit {
	if len(env.Commits) == 0 {
		return nil
	}
	list := make([]commit, len(env.Commits))
	for i, c := range env.Commits {
		list[i] = commit{s.hash([]byte(c.Name)), c.Sum}
	}
	return list
}

// carries says whether commitments of one name are the same in both; leaving one out is allowed.
func carries(mine, cited []commit) bool {
	for _, c := range cited {
		for _, m := range mine {
			if m.name == c.name && m.sum != c.sum {
				return false
			}
		}
	}
	return true
}

func (v *verifier) exhibit(env *act.Envelope, seq int64) {
	blob, _ := env.Facts.Get(FactBlob)
	id, ok := blob.ID()
	i := slices.IndexFunc(env.Commits, func(c act.Commit) bool { return c.Name == CommitSealed })
	if !ok || i < 0 {
		v.problem(seq, "it binds no exhibit")
		return
	}
	err := v.check.Exhibit(id, env.Commits[i].Sum)
	if err != nil {
		v.problem(seq, "exhibit %s: %v", id, err)
	}
}
