package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sanad/internal/kit/lang"
	"sanad/internal/law/legaltime"
	"sanad/internal/law/pack"
	"sanad/internal/office/tell"
	"sanad/packs"
)

// ruled writes the names of the real pack's rules where a text has $ and what they are, in testdata/rules.yaml.
func ruled(t *testing.T, text string) string {
	t.Helper()
	names := *readPlays[map[string]string](t, "rules.yaml")
	return os.Expand(text, func(what string) string {
		if names[what] == "" {
			t.Fatalf("no rule is said to be %s", what)
		}
		return names[what]
	})
}

// askTime runs the command as a person does.
func askTime(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	for i := range args {
		args[i] = ruled(t, args[i])
	}
	code = Main{}.Run(t.Context(), append([]string{"deadline"}, args...), Env{Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }})
	return code, plainSpaces(out.String()), plainSpaces(errs.String())
}

// plainSpaces writes the spaces at which no line may break as any others.
func plainSpaces(s string) string { return strings.ReplaceAll(s, "\u00a0", " ") }

// askTimeJSON runs it with --json and reads the answer, which must have the keys it should and no others.
func askTimeJSON(t *testing.T, line string) timeAnswer {
	t.Helper()
	code, stdout, stderr := askTime(t, append(strings.Fields(line), "--json")...)
	if code != ExitGood || stderr != "" {
		t.Fatalf("%s: exit %d, %s", line, code, stderr)
	}
	var a timeAnswer
	d := json.NewDecoder(strings.NewReader(stdout))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil || d.More() {
		t.Fatalf("%s: %v in %s", line, err, stdout)
	}
	return a
}

// august2018 is the real pack with a calendar that covers the court holidays of August 2018, which it holds.
func august2018(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), realPack)
	from, err := packs.Open(realPack)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(folder, from); err != nil {
		t.Fatal(err)
	}
	change(t, filepath.Join(folder, "calendar.yaml"), "covers: {from: \"20", "covers: {from: \"2018-01-01\", to: \"2027-12-31\"} # 20")
	return folder
}

// change puts one text in the place of another in a file that holds it once.
func change(t *testing.T, file, from, to string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(b, []byte(from)); n != 1 {
		t.Fatalf("%s holds %q %d times", file, from, n)
	}
	if err := os.WriteFile(file, bytes.Replace(b, []byte(from), []byte(to), 1), 0o600); err != nil {
		t.Fatal(err)
	}
}

// V1 to V5 are decisions of the Cour suprême of Morocco of 19 Feb 1964 (C136) and 27 Oct 1964 (C33), and the court
// holidays of August 2018.
func TestDeadlineVectors(t *testing.T) {
	t.Parallel()
	old := " --pack " + august2018(t)
	for line, want := range map[string]struct {
		due, other string
		uncovered  bool
	}{
		"--from 1962-11-19 --count 2 --mode months-francs-1964":  {"1963-01-21", "months-francs 1963-01-21", true}, // V1
		"--from 1962-03-09 --count 60 --mode francs-1964":        {"1962-05-10", "francs 1962-05-09", true},        // V2
		"--from 1962-03-09 --count 2 --mode months-francs-1964":  {"1962-05-11", "months-francs 1962-05-10", true},
		"--from 1962-03-09 --count 60 --mode francs":             {"1962-05-09", "francs-1964 1962-05-10", true}, // V3
		"--from 1962-11-19 --count 2 --mode months-francs":       {"1963-01-21", "months-francs-1964 1963-01-21", true},
		"--from 2025-12-31 --count 2 --mode months --round down": {"2026-02-28", "", false}, // V4
		"--from 2025-12-31 --count 60 --mode days":               {"2026-03-01", "", false},
		"--from 1962-03-09 --count 60 --mode days":               {"1962-05-08", "", false},                      // no holiday can change it
		"--from 2018-08-16 --count 3 --mode francs":              {"2018-08-24", "francs-1964 2018-08-24", true}, // V5
		"--from 2018-08-15 --count 4 --mode francs":              {"2018-08-24", "francs-1964 2018-08-24", true},
		"--from 2018-08-15 --count 4 --mode francs" + old:        {"2018-08-24", "francs-1964 2018-08-24", false}, // V5
		"--from 2018-08-13 --rule $week" + old:                   {"2018-08-24", "", false},
		"--from 2018-08-17 --count 1 --mode working-days" + old:  {"2018-08-24", "", false},
		"--from 2018-08-19T12:00:00Z --rule $hours" + old:        {"2018-08-21T12:00:00Z", "", false}, // hours do not roll
		// Rounded up or down, the day after is Sunday 2 March 2025 at the latest, and so Monday the 3rd.
		"--from 2024-08-30 --count 6 --mode months-francs":    {"2025-03-03", "months-francs 2025-03-03months-francs-1964 2025-03-03months-francs-1964 2025-03-03", false},
		"--from 2026-01-31 --count 1 --mode months-francs":    {"2026-03-02", "months-francs 2026-03-02months-francs-1964 2026-03-02", false}, // 1 March is a Sunday
		"--from 2024-02-29 --count 1 --mode years --round up": {"2025-03-01", "", false},
		"--from 2025-12-31 --count 1 --mode working-days":     {"2026-01-02", "", false},
		// Instants count by the civil day they fall on in the country.
		"--from 2026-06-01T23:30:00Z --count 1 --mode days":      {"2026-06-03", "", false},
		"--from 2026-06-01T23:30:00+01:00 --count 1 --mode days": {"2026-06-02", "", false},
		"--mode days 1 --count=1":                                {},
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			if want.due == "" {
				if code, _, _ := askTime(t, strings.Fields(line)...); code != ExitCant {
					t.Errorf("exit %d", code)
				}
				return
			}
			a := askTimeJSON(t, line)
			other := ""
			for _, r := range a.Alternatives {
				other += r.Mode + " " + r.Due
			}
			if a.Due != want.due || other != want.other || a.Earliest != "" || a.Latest != "" {
				t.Errorf("%+v, want %+v", a, want)
			}
			noted := slices.ContainsFunc(a.Trace, func(l timeLine) bool { return strings.HasPrefix(l.Text, "Attention : les jours fériés") })
			if noted != want.uncovered {
				t.Errorf("noted as outside the calendar: %v\n%+v", noted, a.Trace)
			}
		})
	}
}

// The 48 hours of the urgent desk are 48 × 3600 seconds over both changes of Ramadan 1447: back at 02:00 UTC on
// 15 February 2026, forward at 02:00 UTC on 22 March 2026.
func TestDeadlineHoursOverRamadan(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][3]string{
		"--from 2026-02-14T10:30:00+01:00 --rule $hours":                                                          {"2026-02-16T09:30:00Z", "lundi 16 février 2026 à 09:30", "recule de 60 minutes"},
		"--from 2026-03-21T09:30:00Z --count 48 --mode hours":                                                     {"2026-03-23T09:30:00Z", "lundi 23 mars 2026 à 10:30", "avance de 60 minutes"},
		"--from 2026-06-02T11:00:00+01:00 --count 48 --mode hours":                                                {"2026-06-04T10:00:00Z", "jeudi 4 juin 2026 à 11:00", ""},
		"--from 2025-12-31T12:00:00.25Z --count 48 --mode hours":                                                  {"2026-01-02T12:00:00.25Z", "vendredi 2 janvier 2026 à 13:00", ""},
		"--from 2024-02-28T12:00:00Z --mode hours --count 48":                                                     {"2024-03-01T12:00:00Z", "vendredi 1er mars 2024 à 13:00", ""},
		"--from 2026-02-14T09:30:00Z --count 48 --mode hours --suspend 2026-02-15..2026-02-15":                    {"2026-02-17T10:30:00Z", "mardi 17 février 2026 à 10:30", "est suspendu le 15 février 2026."},
		"--from 2026-06-02T10:00:00Z --count 2 --mode hours --suspend 2026-06-02T11:00:00Z..2026-06-02T11:30:00Z": {"2026-06-02T12:30:00Z", "mardi 2 juin 2026 à 13:30", "du mardi 2 juin 2026 à 12:00 au mardi 2 juin 2026 à 12:30"},
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			a := askTimeJSON(t, line)
			_, said, _ := askTime(t, strings.Fields(line)...)
			if a.Due != want[0] || a.Earliest != "" || a.Alternatives != nil {
				t.Errorf("%+v, want %s", a, want[0])
			}
			first, _, _ := strings.Cut(said, "\n")
			if first != "À faire avant le "+want[1]+", heure légale ("+want[0]+")." || !strings.Contains(said, want[2]) {
				t.Errorf("%s", said)
			}
			if want[2] == "" && strings.Contains(said, "Entre-temps") {
				t.Errorf("a change of clocks where there is none:\n%s", said)
			}
		})
	}
}

func TestDeadlineSuspensionsAndBounds(t *testing.T) {
	t.Parallel()
	a := askTimeJSON(t, "--count 1 --mode months --from 2026-01-31 --round down --suspend 2026-02-20T12:00:00Z..2026-02-21T12:00:00Z --suspend 2026-02-10..2026-02-12")
	if a.Due != "2026-03-05" || len(a.Alternatives) != 1 || a.Alternatives[0] != (timeReading{Mode: "months", Round: "down", WholeDays: true, Due: "2026-03-03"}) {
		t.Errorf("%+v", a)
	}
	a = askTimeJSON(t, "--count 10 --mode days --from 2026-06-01 --suspend 2026-06-20..")
	if a.Due != "2026-06-11" {
		t.Errorf("a suspension that begins after the end changes nothing: %+v", a)
	}
	a = askTimeJSON(t, "--pack xx --rule acknowledge --from 2027-05-13")
	if a.Due != "2027-05-21" || a.Earliest != "2027-05-20" || a.Latest != "2027-05-24" {
		t.Errorf("a feast that is not announced: %+v", a)
	}
	if last := a.Trace[len(a.Trace)-1]; last.Basis != "" || a.Trace[len(a.Trace)-3].Basis != "xx-notice-act:2" {
		t.Errorf("what it rests on: %+v", a.Trace)
	}
}

// Where there is no single answer, or the question is wrong, nothing is printed as an answer and the reason says
// what to ask instead.
func TestDeadlineRefusals(t *testing.T) {
	t.Parallel()
	broken := august2018(t)
	change(t, filepath.Join(broken, "rules.yaml"), ruled(t, "{id: $triage, count: 24, mode: hours"), ruled(t, "{id: $triage, count: 24, mode: weeks"))
	unsure := august2018(t)
	change(t, filepath.Join(unsure, "rules.yaml"), ruled(t, "{id: $months, count: 6, mode: months, round: up,"), ruled(t, "{id: $months, count: 6, mode: months,"))
	const from = "--from 2026-01-31 "
	for line, want := range map[string]string{
		from + "--count 1 --mode months":                         "sanad deadline: Le mois d’arrivée n’a pas ce quantième, et la question a deux réponses. Ajoutez --round down pour le 2026-02-28, ou --round up pour le 2026-03-01.\n",
		from + "--count 1 --mode months --lang en":               "Add --round down for 2026-02-28, or --round up for 2026-03-01.\n",
		from + "--count 1 --mode months --lang ar":               "أضيفوا \u2068--round down\u2069 للحصول على \u20682026-02-28\u2069",
		"--from 2026-08-31 --count 6 --mode months-francs":       "--round down pour le 2027-03-01, ou --round up pour le 2027-03-02",
		"--from 2024-02-29 --count 1 --mode years":               "--round down pour le 2025-02-28, ou --round up pour le 2025-03-01",
		"--from 2025-08-31 --rule $months --pack " + unsure:      "la règle $months ne dit pas comment arrondir. Complétez-la dans le pack : down donne le 2026-02-28, up donne le 2026-03-01.",
		from + "--count 20 --mode days --suspend 2026-02-05..":   "la suspension n’a pas encore de fin",
		"--count 1 --mode months --suspend 2026-02-05.. " + from: "la suspension n’a pas encore de fin",
		from:                                                    "Give --rule with a rule of pack " + realPack + ", or --count with --mode",
		from + "--count 3":                                      "--count with --mode",
		from + "--mode days":                                    "--count with --mode",
		from + "--count 3 --mode weeks":                         `--mode: "weeks" is not a mode; use one of hours, days, `,
		from + "--count 0 --mode days":                          "--count: 0 is out of range; days takes 1 to 36525",
		from + "--count x --mode days":                          "--count: expected a whole number",
		from + "--count 3 --mode days --round near":             `--round: "near" is not a rounding; use up or down`,
		from + "--rule ${right}s":                               "pack " + realPack + ` has no rule "${right}s": expected $right`,
		from + "--rule $right --count 3":                        "--count does not go with --rule",
		from + "--rule $right --round up":                       "--round does not go with --rule",
		from + "--rule $hours":                                  "--from: hours run from an instant, and 2026-01-31 is a whole day",
		from + "--count 48 --mode hours":                        "give the time with its offset, like 2026-01-31T09:30:00+01:00",
		"--rule $right":                                         "--from is missing",
		"--from 2026-02-30 --rule $right":                       `--from: "2026-02-30" is neither a date`,
		"--from 2026-01-31T09:30:00 --rule $hours":              "nor an instant with its offset",
		"--from 0001-01-01 --count 1 --mode days":               "--from: it is outside the years",
		"--from 9999-12-20 --count 300 --mode days":             "--count: it ends after the year 9999",
		"--from 9999-12-20 --rule $ninety":                      "rule $ninety: count: it ends after the year 9999",
		from + "--rule $right --suspend 2026-02-05":             "is no A..B",
		from + "--rule $right --suspend 2026-02-05..x":          `"x" is neither a date`,
		from + "--rule $right --suspend ..2026-02-05":           `"" is neither a date`,
		from + "--rule $right --suspend 2026-02-05..2026-02-04": "--suspend: 2026-02-05..2026-02-04 does not end after it begins",
		from + "--rule $right --lang zgh":                       "expected fr, ar or en",
		from + "--rule $right --pack zz":                        `there is no pack "zz"`,
		from + "--rule $right --pack " + broken:                 "rules.yaml",
		from + "$right":                                         "it takes no arguments, only flags",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := askTime(t, strings.Fields(line)...)
			if code != ExitCant || stdout != "" || !strings.Contains(stderr, ruled(t, want)) || !strings.HasPrefix(stderr, "sanad deadline: ") {
				t.Errorf("exit %d, %q, %q, want %q", code, stdout, stderr, want)
			}
		})
	}
}

// What a person reads is kept, in the three languages: testdata/deadline. Marks that isolate are written out.
func TestDeadlineGoldens(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]string{
		"right":  "--rule $right --from 2025-06-05",                                                 // two readings, for a right
		"urgent": "--rule $hours --from 2026-02-14T10:30:00+01:00",                                  // 48 hours into Ramadan
		"feast":  "--pack xx --rule acknowledge --from 2027-05-12 --suspend 2027-05-13..2027-05-14", // not announced
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got strings.Builder
			line := ruled(t, line)
			for _, l := range []string{"fr", "ar", "en"} {
				code, stdout, stderr := askTime(t, strings.Fields(line+" --lang "+l)...)
				if code != ExitGood {
					t.Fatalf("exit %d, %s", code, stderr)
				}
				got.WriteString("$ sanad deadline " + line + " --lang " + l + "\n" + stdout + "\n")
			}
			text := strings.NewReplacer("\u2068", `\u2068`, "\u2069", `\u2069`).Replace(got.String())
			file := filepath.Join("../../testdata/deadline", name+".txt")
			want, err := os.ReadFile(file)
			if errors.Is(err, fs.ErrNotExist) && *update {
				if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
					t.Fatal(err)
				}
				want, err = []byte(text), os.WriteFile(file, []byte(text), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			if text != string(want) {
				t.Errorf("%s: if this is how it should read, delete the file and run with -update\n%s", file, text)
			}
		})
	}
}

// An answer that cannot be written is no answer.
func TestDeadlineToNobody(t *testing.T) {
	t.Parallel()
	var errs bytes.Buffer
	for _, more := range []string{"", "--json"} {
		args := strings.Fields(ruled(t, "deadline --rule $right --from 2025-06-05 ") + more)
		code := Main{}.Run(t.Context(), args, Env{Stdout: closed{}, Stderr: &errs})
		if code != ExitCant || !strings.Contains(errs.String(), "file already closed") {
			t.Errorf("exit %d, %s", code, &errs)
		}
	}
}

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, os.ErrClosed }

// What a text is worth is said beside it, as of the day the clock starts.
func TestDeadlineBasisStanding(t *testing.T) {
	t.Parallel()
	country := lawsOf(t, realPack)[0]
	messages, err := (&house{pack: country}).messages()
	if err != nil {
		t.Fatal(err)
	}
	law := *country
	date := func(text string) legaltime.Date {
		d, err := legaltime.ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	title := map[string]string{"fr": "Loi"}
	law.Texts = []pack.Text{
		{ID: "law", Title: title, Status: "in_force", Verified: true, From: date("2020-01-01"), To: date("2025-12-31"), Known: date("2030-01-01")},
		{ID: "law:2", Title: title, Status: "in_force"},
		{ID: "bill", Title: title, Status: "bill", Verified: true},
	}
	for code, want := range map[string]string{
		"2024-06-01 law": "Fondement : Loi", "2019-12-31 law": "Fondement : Loi (pas encore en vigueur)", "2025-12-31 law": "Fondement : Loi",
		"2026-01-01 law": "Fondement : Loi (n’est plus en vigueur)", "2024-06-01 law:7": "Fondement : Loi, article 7",
		"2024-06-01 law:2": "Fondement : Loi (non vérifié par un juriste)", "2024-06-01 bill:1": "Fondement : Loi, article 1 (projet ou proposition de loi)",
		"2024-06-01 order-7": "Fondement : order-7",
	} {
		on, basis, _ := strings.Cut(code, " ")
		says := tell.Teller{Printer: messages.For(lang.French), Law: &law, Start: law.Calendar.DayStart(date(on)).Add(time.Hour)}
		if got := plainSpaces(says.Basis(basis)); got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
}
