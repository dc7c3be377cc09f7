package app

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"
)

// played is one procedure of testdata/orders.yaml.
type played struct {
	Protocol string   `yaml:"protocol"`
	Rung     string   `yaml:"rung"`
	Passes   string   `yaml:"passes"` // the step that passes the order on
	Role     string   `yaml:"role"`   // whose step that is
	Kind     string   `yaml:"kind"`
	Targets  []string `yaml:"targets"`
	Days     int      `yaml:"days"` // how long the measure lasts
}

// toPlay is testdata/orders.yaml.
type toPlay struct {
	Blocks       []played `yaml:"blocks"`
	Fines        []played `yaml:"fines"`
	Told         []played `yaml:"told"`
	Matter       string   `yaml:"matter"`
	Request      string   `yaml:"request"`
	Preservation string   `yaml:"preservation"`
	Tried        []string `yaml:"tried"`
}

func readOrders(t *testing.T) *toPlay {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "orders.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var out toPlay
	err = yaml.UnmarshalWithOptions(b, &out, yaml.Strict())
	if err != nil {
		t.Fatal(err)
	}
	return &out
}
