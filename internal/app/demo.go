package app

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sanad/internal/app/story"
	"sanad/packs"
)

// demoPack is the pack that is played where none is named.
const demoPack = "demo"

// demo is a house in which a story is played.
type demo struct {
	*house
	clock  *story.Clock
	world  story.World
	script *story.Script
	seed   uint64
	folder string
	saved  saved
	played atomic.Bool
	moving sync.Mutex // one hand at the clock at a time
}

// saved is what a demonstration remembers beside its log.
type saved struct {
	Seed    uint64          `json:"seed"`
	Clock   time.Time       `json:"clock"`
	Played  bool            `json:"played"`           // to its end
	Starts  uint64          `json:"starts,omitempty"` // after the first
	Refused []story.Refusal `json:"refused,omitempty"`
}

const (
	demoFolder = "demo-data" // where no other is named
	savedFile  = "demo.json"
	firstSeed  = 1
)

func demoFlags(fs *flag.FlagSet) Run {
	given := ConfigFlags(fs, "data", "db", "db_file", "pack", "variant", "listen", "language")
	data := fs.Lookup("data")
	data.Usage = strings.Replace(data.Usage, `"data"`, strconv.Quote(demoFolder), 1)
	headless := fs.Bool("headless", false, "play the story to its end, without pages, and stop")
	asJSON := fs.Bool("json", false, "with --headless: print one JSON object")
	seed := fs.Uint64("seed", firstSeed, "`N` draws the story: the same one, the same log; a folder that holds a story keeps its own")
	return func(ctx context.Context, env Env, _ []string) int {
		var asked *uint64 // nobody who goes on with a folder need know what its story was drawn from
		fs.Visit(func(f *flag.Flag) {
			if f.Name == "seed" {
				asked = seed
			}
		})
		err := runDemo(ctx, env, given, *headless, *asJSON, asked)
		if err != nil {
			return say(env, "demo", err)
		}
		return ExitGood
	}
}

func runDemo(ctx context.Context, env Env, given *Given, headless, asJSON bool, seed *uint64) (err error) {
	c, err := given.Load(env.Getenv)
	if err != nil {
		return err
	}
	if c.Pack == "" {
		c.Pack = demoPack
	}
	if c.where["data"] == "" {
		c.Data = demoFolder
	}
	d, err := openDemo(ctx, c, env, seed)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.shut()) }()
	if !headless {
		return d.serve(ctx, c, env)
	}
	err = d.signing(ctx, d.play)
	if err != nil {
		return err
	}
	sum, err := d.summary(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(env.Stdout).Encode(sum)
	}
	_, err = fmt.Fprintf(env.Stdout, "%d acts, %d notices, %d cases, %d entries of the register; root %s\n", sum.Acts, sum.Notices, sum.Cases, sum.RegisterEntries, sum.Checkpoint.Root)
	return err
}

// signing plays and signs meanwhile, so that whatever ends the story half way leaves a log that verifies as far as it came.
func (d *demo) signing(ctx context.Context, play func(context.Context) error) error {
	err := d.sign(ctx)
	if err != nil {
		return err
	}
	stop, cancel := context.WithCancel(ctx)
	var signer sync.WaitGroup
	var failed error
	signer.Go(func() {
		tick := time.NewTicker(cadence)
		defer tick.Stop()
		for failed == nil {
			select {
			case <-stop.Done():
				return
			case <-tick.C:
				failed = d.sign(context.WithoutCancel(ctx))
			}
		}
	})
	err = play(ctx)
	cancel()
	signer.Wait()
	return errors.Join(err, failed)
}

// openDemo builds a house whose legal clock and dice are the story's; without a seed, the one of the folder or the first.
func openDemo(ctx context.Context, c *Config, env Env, seed *uint64) (*demo, error) {
	d := &demo{clock: &story.Clock{}, folder: c.Data}
	files, err := storyOf(c.Pack)
	if err != nil {
		return nil, err
	}
	d.script, err = story.Read(files)
	if err != nil {
		return nil, fmt.Errorf("the story of pack %s: %w", c.Pack, err)
	}
	info, there := os.Stat(c.Data)
	if there == nil && !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder: name one for the demonstration's data with --data", c.Data)
	}
	err = d.remember(seed)
	if err != nil {
		return nil, err
	}
	again := d.startsAgain()
	d.clock.Forward(d.script.Starts)
	d.clock.Forward(d.saved.Clock)
	if !again { // what a story is drawn from is known as long as its folder is, however soon it is interrupted
		err = os.MkdirAll(d.folder, 0o700)
		if err == nil {
			err = d.keep()
		}
		if err != nil {
			return nil, err
		}
	}
	p, err := planOf(c, env)
	if err != nil {
		return nil, err
	}
	p.serve, p.origin, p.legal, p.dice, p.chance = true, demoOrigin, d.clock.Now, d.dice(), env.Dice
	d.house, err = build(ctx, p)
	if err != nil && !again {
		return nil, errors.Join(err, os.Remove(filepath.Join(d.folder, savedFile))) // of a story that is not begun
	}
	if err != nil {
		return nil, err
	}
	if again {
		err = d.keep() // before anything is drawn for anybody, so that the next start draws other things
	}
	if err == nil {
		err = d.setWorld(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, d.shut())
	}
	return d, nil
}

// startsAgain counts starts on a folder that holds something already, and reports whether this is one.
func (d *demo) startsAgain() bool {
	_, err := os.Stat(filepath.Join(d.folder, keysFolder))
	if err != nil {
		return false
	}
	d.saved.Starts++
	return true
}

// storyOf finds the story of a pack: beside the pack itself, in its folder story. Whether a folder is meant is for openPack to say.
func storyOf(nameOrFolder string) (fs.FS, error) {
	o, err := openPack(nameOrFolder)
	if err != nil {
		return nil, err
	}
	if o.folder != "" {
		return os.DirFS(filepath.Join(o.folder, "story")), nil
	}
	files, err := packs.Story(o.id)
	if err != nil {
		return nil, fmt.Errorf("the pack %s has no story to play: use %s, or a pack's folder with a folder story in it", nameOrFolder, demoPack)
	}
	return files, nil
}

// remember reads what an earlier run left in the folder, the seed among it where none is asked for.
func (d *demo) remember(asked *uint64) error {
	d.seed = firstSeed
	if asked != nil {
		d.seed = *asked
	}
	b, err := os.ReadFile(filepath.Join(d.folder, savedFile))
	if errors.Is(err, os.ErrNotExist) {
		d.saved = saved{Seed: d.seed}
		return nil
	}
	if err == nil {
		err = json.Unmarshal(b, &d.saved)
	}
	if err != nil {
		return fmt.Errorf("%s: %w: remove the folder and begin anew", savedFile, err)
	}
	if asked == nil {
		d.seed = d.saved.Seed
	}
	if d.saved.Seed != d.seed {
		return fmt.Errorf("this folder holds the story drawn from seed %d: leave --seed out, or use --seed %d, or an empty folder", d.saved.Seed, d.saved.Seed)
	}
	return nil
}

// keep writes where the clock stands, whole or not at all.
func (d *demo) keep() error {
	d.saved.Clock = d.clock.Now()
	b, err := json.Marshal(d.saved)
	if err != nil {
		return err
	}
	at := filepath.Join(d.folder, savedFile)
	err = os.WriteFile(at+".new", b, 0o600)
	if err != nil {
		return fmt.Errorf("remember the clock: %w", err)
	}
	return os.Rename(at+".new", at)
}

// dice are drawn from the seed, so that the same story makes the same log. Every later start on the same folder gets others: no
// nonce is ever drawn twice under one key, and no session twice.
func (d *demo) dice() io.Reader {
	var seed [16]byte
	binary.BigEndian.PutUint64(seed[:8], d.seed)
	binary.BigEndian.PutUint64(seed[8:], d.saved.Starts)
	return &drawn{source: rand.NewChaCha8(sha256.Sum256(seed[:]))}
}

// drawn is a source of drawn bytes that several rooms share.
type drawn struct {
	mu     sync.Mutex
	source *rand.ChaCha8
}

func (d *drawn) Read(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.source.Read(b)
}

// play plays what is left of the story.
func (d *demo) play(ctx context.Context) error {
	if d.saved.Played {
		d.played.Store(true)
		return nil
	}
	p := &story.Player{World: d.world, Script: d.script, Seed: d.seed}
	err := p.Play(ctx)
	if err != nil {
		return errors.Join(err, d.sign(context.WithoutCancel(ctx)))
	}
	d.saved.Played, d.saved.Refused = true, p.Refused
	err = d.keep()
	if err != nil {
		return err
	}
	d.played.Store(true)
	return d.sign(ctx)
}
