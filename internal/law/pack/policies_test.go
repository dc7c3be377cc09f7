package pack_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"sanad/internal/law/pack"
)

// Policies come as they are written, a parent's before those over it, and count for what the law is called.
func TestPolicies(t *testing.T) {
	t.Parallel()
	base := load(t, "xx")
	if len(base.Policies) != 1 || base.Policies[0].File != "xx/policies.cedar" || !strings.Contains(base.Policies[0].Text, "permit (") {
		t.Fatalf("%+v", base.Policies)
	}
	plain, err := over(t, map[string]string{"pack.yaml": yy})
	if err != nil {
		t.Fatal(err)
	}
	p, err := over(t, map[string]string{"pack.yaml": yy, pack.PoliciesFile: "// what it says is another room's business"})
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, x := range p.Policies {
		files = append(files, x.File)
	}
	if !slices.Equal(files, []string{"xx/policies.cedar", "yy/policies.cedar"}) || !slices.Equal(plain.Policies, base.Policies) {
		t.Errorf("%v, and without any %v", files, plain.Policies)
	}
	if p.Digest() == plain.Digest() {
		t.Error("policies do not count for the digest")
	}
}

// A file of policies is one, in one place, of bounded size, and text.
func TestBadPolicyFiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, text, says string }{
		"another name": {"policy.cedar", "", "no part of a pack is called that"},
		"in a folder":  {"protocols/policies.cedar", "", "no part of a pack is called that"},
		"a megabyte":   {pack.PoliciesFile, strings.Repeat("//\n", 1<<20), "yy/policies.cedar: the file has more than"},
		"no text":      {pack.PoliciesFile, "// \xff", "yy/policies.cedar: holds bytes that are no text"},
	} {
		_, err := over(t, map[string]string{"pack.yaml": yy, c.file: c.text})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := pack.Load(fstest.MapFS{"pack.yaml": {Data: []byte(yy)}, "policies.cedar/x": {Data: []byte("x")}}, "yy", nil, nil)
	if err == nil || !strings.Contains(err.Error(), "regular file") {
		t.Errorf("a folder of that name: %v", err)
	}
}
