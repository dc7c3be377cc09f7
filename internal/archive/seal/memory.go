package seal

import (
	"crypto/cipher"
	"sync"

	"sanad/internal/act"
)

// memory holds unwrapped keys, and only while no process on the folder has erased anything since.
type memory struct {
	mu           sync.RWMutex
	epoch        *epoch // nil once closed
	seen         uint64 // the epoch everything below was read in
	keys         shelf[act.ID, material]
	keks         shelf[kekName, cipher.AEAD]
	compartments shelf[edition, Key]
}

// material is what one stored key gives: never the key itself, only what is derived from it.
type material struct {
	audience act.ID
	set      []act.ID // the audience's compartments, sorted; shared, never written
	use      Use      // what of the following was derived
	body     cipher.AEAD
	link     Key
	blob     Key
}

// kekName names the key of an audience at given versions of its compartments.
type kekName struct {
	audience act.ID
	versions string
}

// edition names one version of a compartment's key.
type edition struct {
	compartment act.ID
	version     uint32
}

const (
	mostKeys         = 8192 // per generation, two of which are kept: about 2 MB each when full
	mostKEKs         = 1024
	mostCompartments = 1024
)

func newMemory(e *epoch) (*memory, error) {
	now, err := e.now()
	if err != nil {
		return nil, err
	}
	return &memory{
		epoch: e, seen: now,
		keys:         shelf[act.ID, material]{most: mostKeys},
		keks:         shelf[kekName, cipher.AEAD]{most: mostKEKs},
		compartments: shelf[edition, Key]{most: mostCompartments},
	}, nil
}

// recall returns a copy of what is remembered, and the epoch in which it was true: what the caller reads instead
// when nothing is, it may keep under that epoch.
func recall[K comparable, V any](m *memory, s *shelf[K, V], k K) (v V, epoch uint64, ok bool, err error) {
	m.mu.RLock()
	if m.epoch != nil {
		epoch, err = m.epoch.now()
		if err == nil && epoch == m.seen {
			p := s.young[k]
			if p != nil {
				v = *p
				m.mu.RUnlock()
				return v, epoch, true, nil
			}
		}
	}
	m.mu.RUnlock()

	m.mu.Lock()
	defer m.mu.Unlock()
	if m.epoch == nil {
		return v, 0, false, ErrClosed
	}
	epoch, err = m.epoch.now()
	if err != nil || epoch != m.seen {
		m.forget()
		m.seen = epoch
	}
	if err != nil {
		return v, 0, false, err
	}
	p := s.get(k)
	if p == nil {
		return v, epoch, false, nil
	}
	return *p, epoch, true, nil
}

// keep remembers v, unless something was erased since the epoch in which v was read.
func keep[K comparable, V any](m *memory, s *shelf[K, V], k K, v V, epoch uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.epoch != nil && m.seen == epoch {
		s.put(k, &v)
	}
}

// forget drops and overwrites everything.
func (m *memory) forget() {
	m.keys.drop()
	m.keks.drop()
	m.compartments.drop()
}

// bump tells every process, this one included, to forget.
func (m *memory) bump() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.epoch == nil {
		return ErrClosed
	}
	m.forget()
	return m.epoch.bump()
}

func (m *memory) close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.epoch == nil {
		return nil
	}
	m.forget()
	err := m.epoch.close()
	m.epoch = nil
	return err
}

// shelf is a bounded map: two generations of at most most entries. What is asked for moves to the young one;
// when that is full the old one is dropped. Near enough to least-recently-used, with no list to keep.
type shelf[K comparable, V any] struct {
	most       int
	young, old map[K]*V
}

func (s *shelf[K, V]) get(k K) *V {
	p := s.young[k]
	if p != nil {
		return p
	}
	p = s.old[k]
	if p != nil {
		delete(s.old, k)
		s.put(k, p)
	}
	return p
}

func (s *shelf[K, V]) put(k K, p *V) {
	if len(s.young) >= s.most {
		wipe(s.old)
		s.old, s.young = s.young, nil
	}
	if s.young == nil {
		s.young = make(map[K]*V)
	}
	s.young[k] = p
}

func (s *shelf[K, V]) drop() {
	wipe(s.young)
	wipe(s.old)
	s.young, s.old = nil, nil
}

func wipe[K comparable, V any](m map[K]*V) {
	for _, p := range m {
		var zero V
		*p = zero
	}
}
