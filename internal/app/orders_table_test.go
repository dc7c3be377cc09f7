package app

// played is one procedure of testdata/orders.yaml.
type played struct {
	Protocol string   `yaml:"protocol"`
	Rung     string   `yaml:"rung"`
	Role     string   `yaml:"role"`   // who passes the order on
	Passes   string   `yaml:"passes"` // by which step
	Again    string   `yaml:"again"`  // and by which after a stay
	Longer   string   `yaml:"longer"` // and after a renewal
	Pauses   string   `yaml:"pauses"` // by which those who carry it out are told that it is stayed
	Releases string   `yaml:"releases"`
	Kind     string   `yaml:"kind"`
	Targets  []string `yaml:"targets"`
	Days     int      `yaml:"days"` // how long the measure lasts
}

// by is a step of who passes the order on.
func (p *played) by(step string) part { return part{Role: p.Role, Step: step} }

// toPlay is testdata/orders.yaml.
type toPlay struct {
	Blocks []played `yaml:"blocks"`
	Fines  []played `yaml:"fines"`
	Told   []played `yaml:"told"`
	Law    struct {
		Asks string `yaml:"asks"` // how the gates begin that ask for the law
		Now  string `yaml:"now"`
	} `yaml:"law"`
	Moves   map[string]part `yaml:"moves"`
	Freed   string          `yaml:"says_lifted"`
	Decides string          `yaml:"decides"` // the role
	Drafts  string          `yaml:"drafts"`
	Matter  string          `yaml:"matter"`
	Request struct {
		Protocol string   `yaml:"protocol"`
		Asked    string   `yaml:"asked"` // of the data that are drawn up
		Not      []string `yaml:"not"`   // among them
	} `yaml:"request"`
	Preservation string   `yaml:"preservation"`
	Tried        []string `yaml:"tried"`
}
