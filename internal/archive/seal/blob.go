package seal

import (
	"context"
	"crypto/cipher"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/crypto/chacha20poly1305"

	"sanad/internal/act"
)

// BlobStore is where sealed bytes lie: Folder, or an object store. It never sees a key or clear text.
type BlobStore interface {
	// Create begins a blob; ErrBlobExists where there is one, finished or being written.
	Create(ctx context.Context, id act.ID) (Upload, error)
	// Open returns the bytes of a finished blob; ErrNoBlob where there is none.
	Open(ctx context.Context, id act.ID) (io.ReadCloser, error)
	// Remove deletes a finished blob; no error where there is none.
	Remove(ctx context.Context, id act.ID) error
	// Hold notes, durably, under which key a blob is about to be written. Held lists such notes made before a time, and Forget
	// ends one; no error where there is none.
	Hold(ctx context.Context, h Held) error
	Held(ctx context.Context, before time.Time) ([]Held, error)
	Forget(ctx context.Context, id act.ID) error
	// Sweep removes what writers that ended half way left, where it was last written before a time.
	Sweep(ctx context.Context, before time.Time) (int, error)
}

// Upload is a blob being written. It exists for readers once Commit has returned nil, then durably, and not at
// all otherwise. Exactly one of Commit and Abort is called.
type Upload interface {
	io.Writer
	Commit() error
	Abort() error
}

// Blobs seals exhibits as they stream in, and opens them as they stream out.
//
// A sealed blob is "sanadbl" and a version byte, a random salt of 32 bytes, then chunks of 64 KiB, each under
// ChaCha20-Poly1305. Their key is derived (HKDF-SHA256) from the data key, the salt and the identifiers of
// audience, key and blob; the nonce is the chunk's number and whether it is the last (the STREAM
// construction: Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015).
// So a chunk changed, cut off, repeated, moved or added is found. The last chunk is empty only in an empty blob.
type Blobs struct {
	keeper *Keeper
	store  BlobStore
}

// NewBlobs returns the blobs that lie in store under keys of k.
func NewBlobs(k *Keeper, store BlobStore) *Blobs { return &Blobs{k, store} }

// Receipt says what was sealed. Sealed may stand in an envelope, and proves the stored bytes to anyone. Size and
// Clear tell about the content (a hash identifies a known picture): keep them in the sealed body.
type Receipt struct {
	Size   int64    // bytes in clear
	Clear  [32]byte // SHA-256 of the clear bytes
	Sealed [32]byte // SHA-256 of the sealed bytes
}

const (
	blobMagic     = "sanadbl\x01"
	blobSaltSize  = 32
	blobHeadSize  = len(blobMagic) + blobSaltSize
	chunkSize     = 64 << 10
	chunkOverhead = chacha20poly1305.Overhead
)

// Put seals what r gives until io.EOF, at most limit bytes, as the blob id, which is held until Bound is called for it. It keeps two chunks in memory and
// writes sealed bytes only. Where it fails nothing is left: more than limit (ErrTooLarge), a reader cut short (any
// error but io.EOF), a full disc, a cancelled ctx.
func (b *Blobs) Put(ctx context.Context, aud Audience, key, id act.ID, r io.Reader, limit int64) (_ Receipt, err error) {
	if limit <= 0 || id.IsZero() {
		return Receipt{}, errors.New("put a blob: say how many bytes are allowed, and name the blob")
	}
	var salt [blobSaltSize]byte
	err = b.keeper.dice.draw(salt[:])
	if err != nil {
		return Receipt{}, err
	}
	aead, err := b.cipher(ctx, aud, key, id, salt)
	if err != nil {
		return Receipt{}, err
	}
	up, err := b.store.Create(ctx, id)
	if err != nil {
		return Receipt{}, fmt.Errorf("put blob %s: %w", id, err)
	}
	// Also when r panics, as an HTTP body may.
	finished := false
	defer func() {
		if !finished {
			err = errors.Join(err, up.Abort(), b.store.Forget(context.WithoutCancel(ctx), id))
		}
	}()
	err = b.store.Hold(ctx, Held{id, key})
	if err != nil {
		return Receipt{}, fmt.Errorf("put blob %s: %w", id, err)
	}
	sealed := sha256.New()
	receipt, err := sealStream(ctx, io.MultiWriter(up, sealed), aead, salt, r, limit)
	if err != nil {
		return Receipt{}, fmt.Errorf("put blob %s: %w", id, err)
	}
	finished = true
	err = up.Commit()
	if err != nil {
		return Receipt{}, errors.Join(fmt.Errorf("put blob %s: %w", id, err), b.store.Forget(context.WithoutCancel(ctx), id))
	}
	sealed.Sum(receipt.Sealed[:0])
	return receipt, nil
}

// sealStream writes header and chunks, and fills in size and clear hash.
func sealStream(ctx context.Context, w io.Writer, aead cipher.AEAD, salt [blobSaltSize]byte, r io.Reader, limit int64) (Receipt, error) {
	_, err := w.Write(append([]byte(blobMagic), salt[:]...))
	if err != nil {
		return Receipt{}, fmt.Errorf("write: %w", err)
	}
	sum := sha256.New()
	now, next := make([]byte, chunkSize+chunkOverhead), make([]byte, chunkSize+chunkOverhead)
	defer func() { clear(now); clear(next) }()
	var size int64
	n, end, err := fill(r, now[:chunkSize])
	for i := uint64(0); err == nil; i++ {
		size += int64(n)
		if size > limit {
			return Receipt{}, fmt.Errorf("more than %d bytes: %w", limit, ErrTooLarge)
		}
		err = ctx.Err()
		if err != nil {
			break
		}
		// Only what follows tells whether this chunk is the last.
		following, last := 0, end
		if !end {
			following, end, err = fill(r, next[:chunkSize])
			if err != nil {
				break
			}
			last = end && following == 0
		}
		sum.Write(now[:n])
		_, err = w.Write(aead.Seal(now[:0], chunkNonce(i, last), now[:n], nil))
		if err != nil {
			return Receipt{}, fmt.Errorf("write: %w", err)
		}
		if last {
			receipt := Receipt{Size: size}
			sum.Sum(receipt.Clear[:0])
			return receipt, nil
		}
		now, next, n = next, now, following
	}
	return Receipt{}, fmt.Errorf("the stream broke off after %d bytes, send it again: %w", size, err)
}

// fill reads until b is full, or the end. io.ReadFull would not do: it cannot be told from a reader that was
// itself cut and says io.ErrUnexpectedEOF.
func fill(r io.Reader, b []byte) (n int, end bool, err error) {
	for idle := 0; n < len(b); {
		m, err := r.Read(b[n:])
		n += m
		if err == io.EOF { // a wrapped io.EOF is a broken reader, not its end
			return n, true, nil
		}
		if err != nil {
			return n, false, err
		}
		if m > 0 {
			idle = 0
			continue
		}
		idle++
		if idle == 100 {
			return n, false, io.ErrNoProgress
		}
	}
	return n, false, nil
}

// chunkNonce is twelve bytes: three zeros, the chunk's number, whether it is the last.
func chunkNonce(i uint64, last bool) []byte {
	var nonce [chacha20poly1305.NonceSize]byte
	binary.BigEndian.PutUint64(nonce[3:], i)
	if last {
		nonce[11] = 1
	}
	return nonce[:]
}

func (b *Blobs) cipher(ctx context.Context, aud Audience, key, id act.ID, salt [blobSaltSize]byte) (cipher.AEAD, error) {
	m, err := b.keeper.material(ctx, aud, key, ForBlobs)
	if err != nil {
		return nil, err
	}
	purpose := make([]byte, 0, len(blobPurpose)+3*len(id)+len(salt))
	purpose = append(append(append(append(append(purpose, blobPurpose...), aud.ID[:]...), key[:]...), id[:]...), salt[:]...)
	k := m.blob.derive(string(purpose))
	defer clear(k[:])
	aead, err := chacha20poly1305.New(k[:])
	if err != nil {
		return nil, fmt.Errorf("make a cipher: %w", err)
	}
	return aead, nil
}

// Open returns the clear bytes of a blob. It opens the first chunk at once, so a wrong key or blob is refused
// here. What the reader gives is verified and in its place; that it is all, only io.EOF says: cut or changed
// bytes further on give ErrSealBroken instead, and nothing of their chunk.
func (b *Blobs) Open(ctx context.Context, aud Audience, key, id act.ID) (*BlobReader, error) {
	in, err := b.store.Open(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("open blob %s: %w", id, err)
	}
	r := &BlobReader{ctx: ctx, in: in, now: make([]byte, chunkSize+chunkOverhead), next: make([]byte, chunkSize+chunkOverhead)}
	err = r.start(func(salt [blobSaltSize]byte) (cipher.AEAD, error) { return b.cipher(ctx, aud, key, id, salt) })
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open blob %s: %w", id, err), r.Close())
	}
	return r, nil
}

// BlobReader is one blob being opened. It is for one goroutine.
type BlobReader struct {
	ctx       context.Context //nolint:containedctx // a reader lives as long as the request it was opened for
	in        io.ReadCloser
	aead      cipher.AEAD
	now, next []byte // chunk to open, and the one after it, which tells whether now is the last
	n         int    // sealed bytes in now
	end       bool   // in has nothing after now
	i         uint64
	clear     []byte // what is verified and not read yet; part of now
	spare     []byte
	err       error
}

func (r *BlobReader) start(cipher func([blobSaltSize]byte) (cipher.AEAD, error)) error {
	var head [blobHeadSize]byte
	n, _, err := fill(r.in, head[:])
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if n < len(head) || string(head[:len(blobMagic)]) != blobMagic {
		return ErrSealBroken
	}
	r.aead, err = cipher([blobSaltSize]byte(head[len(blobMagic):]))
	if err != nil {
		return err
	}
	r.n, r.end, err = fill(r.in, r.now)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	return r.advance()
}

// Read implements io.Reader.
func (r *BlobReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(r.clear) == 0 && r.err == nil {
		r.err = r.advance()
	}
	if len(r.clear) == 0 {
		return 0, r.err
	}
	n := copy(p, r.clear)
	r.clear = r.clear[n:]
	return n, nil
}

// advance opens the next chunk; io.EOF after the last.
func (r *BlobReader) advance() error {
	err := r.ctx.Err()
	if err != nil {
		return fmt.Errorf("read a blob: %w", err)
	}
	if r.now == nil {
		return io.EOF
	}
	following, last := 0, r.end
	if !r.end {
		following, r.end, err = fill(r.in, r.next)
		if err != nil {
			return fmt.Errorf("read a blob: %w", err)
		}
		last = r.end && following == 0
	}
	open, err := r.aead.Open(r.now[:0], chunkNonce(r.i, last), r.now[:r.n], nil)
	if err != nil || len(open) == 0 && r.i > 0 {
		return fmt.Errorf("blob chunk %d: %w", r.i, ErrSealBroken)
	}
	r.i++
	r.clear, r.spare = open, r.now
	if last {
		clear(r.next)
		r.now, r.next = nil, nil
		return nil
	}
	r.now, r.next, r.n = r.next, r.now, following
	return nil
}

// Close overwrites what was not read and releases the blob.
func (r *BlobReader) Close() error {
	for _, b := range [][]byte{r.now, r.next, r.spare} {
		clear(b)
	}
	r.clear, r.err = nil, ErrClosed
	err := r.in.Close()
	if err != nil {
		return fmt.Errorf("close a blob: %w", err)
	}
	return nil
}

// Check compares the stored bytes of a blob with the hash its receipt gave, without any key: ErrSealBroken,
// ErrNoBlob.
func (b *Blobs) Check(ctx context.Context, id act.ID, sealed [32]byte) error {
	in, err := b.store.Open(ctx, id)
	if err != nil {
		return fmt.Errorf("check blob %s: %w", id, err)
	}
	sum := sha256.New()
	_, err = io.Copy(sum, &cancellable{ctx, in})
	err = errors.Join(err, in.Close())
	if err != nil {
		return fmt.Errorf("check blob %s: %w", id, err)
	}
	if subtle.ConstantTimeCompare(sum.Sum(nil), sealed[:]) != 1 {
		return fmt.Errorf("check blob %s: %w", id, ErrSealBroken)
	}
	return nil
}

// Remove deletes the sealed bytes of a blob, after its key was destroyed or where no act came to name it.
func (b *Blobs) Remove(ctx context.Context, id act.ID) error {
	err := b.store.Remove(ctx, id)
	if err != nil {
		return fmt.Errorf("remove blob %s: %w", id, err)
	}
	return b.Bound(ctx, id)
}

// cancellable stops a copy when ctx is done.
type cancellable struct {
	ctx context.Context //nolint:containedctx // lives within one call
	r   io.Reader
}

func (c *cancellable) Read(p []byte) (int, error) {
	err := c.ctx.Err()
	if err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
