package console

import (
	"slices"

	"sanad/internal/kit/lang"
)

// nothing says why a list to choose from is empty, and what to do about it.
type nothing struct {
	said
	By         *said  // who may do it; nil where the reader may
	Href, Link string // the page where the reader does it, and the key of its name; "" where there is none
}

// noneOf says what a role does where no file of a sort can be chosen: a sort nobody says anything of gets the words for all.
func (c *Console) noneOf(role string, words words, sort string) *nothing {
	out := &nothing{said: said{Key: "file.pick.none"}}
	key := "file.pick.none." + sort
	if sort == "" || words.p != nil && !words.p.Has(key) {
		return out
	}
	out.Key = key
	if slices.Contains(c.startable(role), sort) {
		out.Href, out.Link = newHref(sort), "start."+sort
		return out
	}
	var roles []string
	for i := range c.Pack.Roles {
		if id := c.Pack.Roles[i].ID; slices.Contains(c.startable(id), sort) {
			roles = append(roles, id)
		}
	}
	if len(roles) > 0 {
		out.By = &said{"file.may.by", lang.Args{"roles": words.roles(roles)}}
	}
	return out
}
