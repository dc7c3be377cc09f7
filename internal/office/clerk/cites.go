package clerk

import (
	"context"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
)

// saidNow answers what the acts of a file say of a fact by now, the newest of those that whoever does this may read; none where
// they say nothing. What is cited may be joined by what was found out since it was recorded.
func (w *work) saidNow(ctx context.Context, id act.ID) (func(fact string) act.Value, error) {
	f, err := w.p.file(ctx, id)
	if err != nil {
		return nil, err
	}
	may := make([]bool, len(f.state.Threads))
	for i := range may {
		may[i], err = w.p.may(ctx, w.who.ID, f.state.Threads[i].Audience)
		if err != nil {
			return nil, err
		}
	}
	return func(fact string) act.Value {
		var newest *protocol.Fact
		for i := range f.state.Facts {
			x := &f.state.Facts[i]
			if x.Name == fact && may[x.Thread] && (newest == nil || x.Seq > newest.Seq) {
				newest = x
			}
		}
		if newest == nil {
			return act.Value{}
		}
		return newest.Value
	}, nil
}
