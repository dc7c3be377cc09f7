package sanction

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/strict"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
	"sanad/internal/office/letters"
)

// Content is what is drafted, signed and decided of a measure. Three persons sign its very bytes.
type Content struct {
	Rung    string   `json:"rung"`
	Amount  int64    `json:"amount,omitempty"`     // in the pack's money
	Expires string   `json:"expires_on,omitempty"` // a day, 2006-01-02
	Targets []Target `json:"targets,omitempty"`
	Reasons string   `json:"reasons"`
	// Letter is what is sent, as office/letters wrote it, where the pack words one.
	Letter json.RawMessage `json:"letter,omitempty"`
}

// Target is one thing a measure aims at, exactly.
type Target struct {
	Kind     string `json:"kind"`
	Value    string `json:"value"`
	Unshared bool   `json:"unshared,omitempty"` // address: somebody showed that it serves nobody else
}

// The kinds of target. None of them can name more than one thing.
const (
	Host    = "host"
	Address = "address"
	Payee   = "payee"
)

// Limits of what a measure holds.
const (
	mostTargets = 50
	mostReasons = 20_000
)

// ReadContent reads what is drafted of a measure. What the desk does not know, or would read in one of two ways, it did not check: that is refused.
func ReadContent(b []byte) (*Content, error) {
	var c Content
	err := strict.JSON(b, &c)
	if err != nil {
		return nil, err
	}
	return &c, nil
}

// signed reads what was signed out of a decision. Its body is the draft's own, salt and content: it must open the commitment that
// every signature carries, so that nothing else can be decided than what was signed.
func (l *Law) signed(cmd *clerk.Command) (*Content, error) {
	var d clerk.Draft
	err := json.Unmarshal(cmd.Act.Body, &d)
	if err != nil {
		return nil, fault.Invalid.New("sanction.unsigned").Because(fmt.Errorf("read a decision's body: %w", err))
	}
	if len(d.Salt) != len([32]byte{}) {
		return nil, fault.Invalid.New("sanction.unsigned").Because(errors.New("a decision's body is no draft's"))
	}
	sum := l.commit([32]byte(d.Salt), d.Content)
	if !slices.ContainsFunc(cmd.Grant.Commits, func(c act.Commit) bool { return c.Name == protocol.CommitContent && c.Sum == sum }) {
		return nil, fault.Invalid.New("sanction.unsigned")
	}
	c, err := ReadContent(d.Content)
	if err != nil {
		return nil, fault.Invalid.New("sanction.body").Because(fmt.Errorf("read a measure's content: %w", err))
	}
	return c, nil
}

// letterAgrees reports whether the letter that is sent says the same sum, last day and targets as the content; true where there
// is none.
func (c *Content) letterAgrees() bool {
	if len(c.Letter) == 0 {
		return true
	}
	f := letters.View(c.Letter).Fields
	if f == nil || f.Amount != 0 && f.Amount != c.Amount || f.Expires != "" && f.Expires != c.Expires {
		return false
	}
	if len(f.Targets) == 0 {
		return true
	}
	said := make([]string, len(c.Targets))
	for i, t := range c.Targets {
		said[i] = strings.TrimSpace(t.Value)
	}
	told := slices.Clone(f.Targets)
	slices.Sort(said)
	slices.Sort(told)
	return slices.Equal(said, told)
}

// targetKinds are the kinds of target that a measure may have.
func targetKinds(m *protocol.Measure) []string {
	if m == nil {
		return nil
	}
	switch m.Target {
	case protocol.HostName:
		return []string{Host}
	case protocol.UnsharedAddress:
		return []string{Address}
	case protocol.Payee:
		return []string{Payee}
	}
	return nil
}

// check returns what is wrong with a target, "" when it names exactly one thing, and its canonical form.
func (t *Target) check() (key, canonical string) {
	canonical, wrong := letters.One(aimOf[t.Kind], t.Value)
	switch {
	case wrong != "":
		return "sanction.target." + string(wrong), ""
	case t.Kind == Address && !t.Unshared: // somebody has to show that it serves nobody else
		return "sanction.target.shared", ""
	}
	return "", canonical
}

// aimOf are the kinds of target as the law has them.
var aimOf = map[string]protocol.TargetKind{Host: protocol.HostName, Address: protocol.UnsharedAddress, Payee: protocol.Payee}
