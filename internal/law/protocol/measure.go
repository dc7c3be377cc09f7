package protocol

import (
	"fmt"
	"slices"
	"strings"
)

// MeasureKind is a kind of measure an authority may take. The list is closed here, in code, because what is not
// on it must stay impossible whatever a pack says: nothing slows traffic down, nothing filters by protocol or
// port, nothing aims at a range of addresses.
type MeasureKind string

// The kinds of measure, from the lightest.
const (
	Warning       MeasureKind = "warning"
	FormalNotice  MeasureKind = "formal_notice"
	PublicWarning MeasureKind = "public_warning"
	Fine          MeasureKind = "fine"
	PaymentBlock  MeasureKind = "payment_block"
	HostBlock     MeasureKind = "host_block"
)

// TargetKind is what a measure aims at.
type TargetKind string

// The kinds of target. A measure addressed to the party itself aims at nothing else.
const (
	Addressee       TargetKind = "addressee"
	HostName        TargetKind = "host_name"        // one DNS host name
	UnsharedAddress TargetKind = "unshared_address" // one IP address shown to serve nobody else
	Payee           TargetKind = "payee"            // one payee identifier
)

// Executor is who carries a measure out.
type Executor string

// The executors.
const (
	Authority           Executor = "authority"
	Operators           Executor = "operators"
	PaymentInstitutions Executor = "payment_institutions"
)

// Measure is what a step imposes: its kind, what it aims at, who carries it out.
type Measure struct {
	Kind     MeasureKind
	Target   TargetKind
	Executor Executor
}

// allowed says for each kind, in order from the lightest, which targets it may have and who carries it out.
// Source: the invariants that every kind of measure has an executor, and every target is specific.
var allowed = []struct {
	kind     MeasureKind
	targets  []TargetKind
	executor Executor
}{
	{Warning, []TargetKind{Addressee}, Authority},
	{FormalNotice, []TargetKind{Addressee}, Authority},
	{PublicWarning, []TargetKind{Addressee}, Authority},
	{Fine, []TargetKind{Addressee}, Authority},
	{PaymentBlock, []TargetKind{Payee}, PaymentInstitutions},
	{HostBlock, []TargetKind{HostName, UnsharedAddress}, Operators},
}

// MeasureKinds returns all kinds of measure, from the lightest.
func MeasureKinds() []string {
	var out []string
	for _, a := range allowed {
		out = append(out, string(a.kind))
	}
	return out
}

// CheckMeasureKind reports why a word is no kind of measure.
func CheckMeasureKind(word string) error {
	if slices.Contains(MeasureKinds(), word) {
		return nil
	}
	return fmt.Errorf("no measure is called %q: there is no word for slowing traffic down, nor for filtering by range, port or protocol; a measure is one of %s", word, strings.Join(MeasureKinds(), ", "))
}

// Check reports the first reason for which the measure can't exist.
func (m Measure) Check() error {
	if err := CheckMeasureKind(string(m.Kind)); err != nil {
		return err
	}
	for _, a := range allowed {
		if a.kind != m.Kind {
			continue
		}
		if !slices.Contains(a.targets, m.Target) {
			return fmt.Errorf("a %s can't aim at %q: never a network, a range, a port, a protocol or a speed; it aims at one of %v", m.Kind, m.Target, a.targets)
		}
		if m.Executor != a.executor {
			return fmt.Errorf("a %s is carried out by %s, not by %q", m.Kind, a.executor, m.Executor)
		}
	}
	return nil
}

// Grave reports whether the measure reaches beyond the party it addresses, so that it needs a court or an equally
// independent decider.
func (m Measure) Grave() bool { return m.Kind == PaymentBlock || m.Kind == HostBlock }

// Aims are the kinds of target that the measures of a protocol have, in the order of its steps; none where each addresses its party.
func (p *Protocol) Aims() []TargetKind {
	var out []TargetKind
	for i := range p.Steps {
		m := p.Steps[i].Measure
		if m != nil && m.Target != Addressee && !slices.Contains(out, m.Target) {
			out = append(out, m.Target)
		}
	}
	return out
}
