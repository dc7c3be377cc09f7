package check

import (
	"errors"
	"fmt"
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
)

// ErrTooLarge is wrapped by the error of a protocol that can't be explored within the bounds.
var ErrTooLarge = errors.New("too large to explore")

// MostNodes bounds the decision diagrams of one protocol under one variant. A node takes about 40 bytes with its hashes.
const MostNodes = 9_000_000

// Pack checks every protocol of a pack, or those named, under every governance variant. kinds says which facts a kind of
// act can't be without; nil takes none for granted. The error wraps ErrTooLarge where a protocol can't be explored.
func Pack(p *pack.Pack, kinds *act.Catalogue, only ...string) (*Report, error) {
	c := &checker{pack: p, kinds: kinds, engine: p.Engine(), most: MostNodes}
	r := &Report{}
	c.static(r, only)
	for i := range p.Protocols {
		x := &p.Protocols[i]
		if len(only) > 0 && !slices.Contains(only, x.ID) {
			continue
		}
		err := c.protocol(r, x)
		if err != nil {
			return nil, fmt.Errorf("protocol %s: %w", x.ID, err)
		}
	}
	err := c.versions(r, only)
	if err != nil {
		return nil, err
	}
	r.sort()
	return r, nil
}

// checker checks one pack.
type checker struct {
	pack   *pack.Pack
	kinds  *act.Catalogue
	engine *protocol.Engine // knows what is called otherwise in another version; nil where nothing is
	most   int
}

// variants returns the governance variants of the pack, one without a name where it has none.
func (c *checker) variants() []string {
	if len(c.pack.Variants) == 0 {
		return []string{""}
	}
	return c.pack.Variants
}

// protocol explores one protocol under each variant. Variants under which the same steps have somebody to perform them
// have the same states, which are walked once.
func (c *checker) protocol(r *Report, p *protocol.Protocol) error {
	explored := map[string]*exploration{}
	for _, variant := range c.variants() {
		key := fmt.Sprint(c.vacant(p, variant))
		x := explored[key]
		if x == nil {
			m, err := c.model(p, variant)
			if err != nil {
				return err
			}
			x, err = m.explore()
			if err != nil {
				return err
			}
			explored[key] = x
			r.Explored = append(r.Explored, Explored{Protocol: p.ID, Version: p.Version, Variant: variant, States: x.count(), Nodes: len(m.d.nodes)})
		}
		err := x.judge(r, variant)
		if err != nil {
			return err
		}
	}
	return nil
}

// vacant returns the roles of a protocol that nobody holds under a variant.
func (c *checker) vacant(p *protocol.Protocol, variant string) []string {
	var out []string
	for i := range p.Steps {
		for _, id := range p.Steps[i].By {
			if !c.held(id, variant) && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// held reports whether an institution holds a role under a variant.
func (c *checker) held(role, variant string) bool { return c.institution(role, variant) != "" }

// institution returns the institution that holds a role under a variant, "" when none does.
func (c *checker) institution(role, variant string) string {
	r := c.pack.Role(role)
	if r == nil {
		return ""
	}
	return r.Institution(variant)
}
