package pack_test

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
	"sanad/packs"
)

// enacting finds the embedded packs that enact in fiction what their parent only knows as recommended, with that parent.
func enacting(t *testing.T) map[*pack.Pack]*pack.Pack {
	t.Helper()
	out := map[*pack.Pack]*pack.Pack{}
	for _, id := range packs.Names() {
		p := load(t, id)
		if p.Fictional && len(p.Parents) > 0 {
			out[p] = load(t, p.Parents[0])
		}
	}
	if len(out) == 0 {
		t.Fatal("no embedded pack enacts anything")
	}
	return out
}

// Every step that the golden timelines do under a fictional law is asked of the real law at the same moment, with every fact
// and signature there: what rests on a text that is not in force is refused for that alone, and the text is named; what rests on
// none, or on one in force, is open. Together the timelines come by every coercive step that rests on such a text.
func TestRealLawRefusesWhatItDoesNotCarry(t *testing.T) {
	t.Parallel()
	for fiction, real := range enacting(t) {
		refused := map[string]bool{}
		scripts, err := filepath.Glob("testdata/timelines/" + fiction.ID + "_*.txt")
		if err != nil {
			t.Fatal(err)
		}
		for _, script := range scripts {
			b, err := os.ReadFile(script)
			if err != nil {
				t.Fatal(err)
			}
			play(t, bufio.NewScanner(bytes.NewReader(b)), func(b *table) {
				if b.pack == fiction {
					b.asked = func(step *protocol.Step, q protocol.Question, at protocol.Place) {
						if askReal(t, filepath.Base(script), real, step, q, at) {
							refused[at.Protocol+" "+at.Step] = true
						}
					}
				}
			})
		}
		for _, p := range real.Protocols {
			for i := range p.Steps {
				if name := p.ID + " " + p.Steps[i].ID; len(missing(real, &p, &p.Steps[i], 0)) > 0 && !refused[name] {
					t.Errorf("no timeline of %s comes by step %s", fiction.ID, name)
				}
			}
		}
		t.Logf("%s refuses %d steps that %s enacts", real.ID, len(refused), fiction.ID)
	}
}

// missing lists the texts that keep a step of a coercive protocol from being done, whatever the facts.
func missing(p *pack.Pack, x *protocol.Protocol, s *protocol.Step, now act.Instant) (texts []string) {
	if !x.Coercive {
		return nil
	}
	if now == 0 {
		now = at("2026-06-01T00:00:00Z")
	}
	law := p.Engine().Law()
	for _, b := range s.Basis {
		for i := range law.Texts {
			if law.Texts[i].ID == b.Text && law.Texts[i].Standing(now, now) != gate.InForce && !slices.Contains(texts, b.Text) {
				texts = append(texts, b.Text)
			}
		}
	}
	return texts
}

// askReal asks the real law for a step that the fictional one just allowed. It reports whether it was refused.
func askReal(t *testing.T, script string, real *pack.Pack, step *protocol.Step, q protocol.Question, place protocol.Place) bool {
	t.Helper()
	name := script + ": " + place.Protocol + " " + step.ID
	_, err := real.Engine().Allow(q, place)
	want := missing(real, real.Engine().Protocol(place.Protocol, 0), step, q.Now)
	var r *protocol.Refusal
	if !errors.As(err, &r) {
		if err != nil || len(want) > 0 {
			t.Errorf("%s is open, or failed otherwise: %v", name, err)
		}
		return false
	}
	var gates, laws []string
	for _, b := range r.Blocks {
		text := ""
		for _, a := range b.Args {
			if a.Name == "text" {
				text = a.Value.Code()
			}
		}
		switch b.Why {
		case protocol.WhyLaw:
			laws = append(laws, text)
		case protocol.WhyGate:
			gates = append(gates, b.Gate+" "+text)
		default:
			t.Errorf("%s is refused for %s too", name, b.Why)
		}
	}
	if !slices.Equal(laws, want) {
		t.Errorf("%s is refused for %v, want %v", name, laws, want)
	}
	if len(gates) != 1 || len(want) == 0 || !strings.HasPrefix(gates[0], "G-01") || !strings.HasSuffix(gates[0], " "+want[0]) {
		t.Errorf("%s is refused by %v; one gate asks for legality and names %v", name, gates, want)
	}
	return true
}

// An overlay that enacts what is recommended changes what texts are worth and nothing else: protocols, gates, roles, rules and
// parameters are its parent's.
func TestFictionEnactsAndNoMore(t *testing.T) {
	t.Parallel()
	for fiction, real := range enacting(t) {
		if len(fiction.Protocols) != len(real.Protocols) || len(fiction.Gates) != len(real.Gates) || len(fiction.Rules) != len(real.Rules) ||
			len(fiction.Parameters) != len(real.Parameters) || len(fiction.Roles) != len(real.Roles) || len(fiction.Institutions) != len(real.Institutions) {
			t.Errorf("%s adds to %s", fiction.ID, real.ID)
		}
		for i := range fiction.Texts {
			x, was := &fiction.Texts[i], real.Text(fiction.Texts[i].ID)
			if was == nil || x.Status == was.Status {
				continue
			}
			for lang, word := range map[string]string{"fr": "ficti", "en": "ictional", "ar": "خيالي"} {
				if !strings.Contains(x.Title[lang], word) {
					t.Errorf("%s: text %s is enacted and not called fictional: %q", fiction.ID, x.ID, x.Title[lang])
				}
			}
		}
	}
}

// What a letter says must be there when it is sent: its step has the law, the clock and the remedy that the pack asks of it.
func TestLettersFitTheirSteps(t *testing.T) {
	t.Parallel()
	for _, p := range embedded(t) {
		id := p.ID
		for _, x := range p.Protocols {
			for i := range x.Steps {
				s := &x.Steps[i]
				if s.Move != "send" {
					continue
				}
				need := p.Requires(s.Letter)
				for _, part := range []string{"title", "object", "body"} {
					text, _ := p.Message(p.Languages[0], "letter."+s.Letter+"."+part)
					for _, arg := range []string{"deadline", "remedy", "court"} {
						if strings.Contains(text, "{"+arg+"}") {
							need = append(need, arg)
						}
					}
				}
				for _, field := range need {
					switch {
					case field == "law" && len(s.Basis) == 0, field == "deadline" && len(s.Deadlines) == 0,
						(field == "remedy" || field == "court") && (s.Remedy == "" || p.RemedyRule(s.Remedy) == ""):
						t.Errorf("%s: step %s of %s can't send letter %s: it has no %s", id, s.ID, x.ID, s.Letter, field)
					}
				}
			}
		}
	}
}
