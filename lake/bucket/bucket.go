// Package bucket is where a lake keeps its files: whole objects under names, in a folder, in memory, or in anything that can do what an
// S3-compatible bucket can.
//
// Names are paths with slashes, without a slash at either end. What implementations MUST do (lake/bucket/buckettest holds them to it):
//   - An object is there whole or not at all. Until Commit nothing is seen of it, after Commit it is durable and takes the place of what
//     had its name.
//   - What was opened can be read to its end, whatever becomes of the name.
//   - List goes by name, byte for byte, and shows no upload.
//   - A name that is not there is fs.ErrNotExist to Open and nothing to Delete.
package bucket

import (
	"context"
	"errors"
	"io"
	"iter"
)

// Bucket keeps objects. It is safe for concurrent use.
type Bucket interface {
	// Create begins an object. Commit or Upload.Abort must follow.
	Create(ctx context.Context, name string) (Upload, error)
	// Commit gives uploads, which must be closed, their names, one after the other.
	Commit(ctx context.Context, uploads ...Upload) error
	// Open opens an object for reading.
	Open(ctx context.Context, name string) (Object, error)
	// List streams the objects whose names begin with prefix.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]
	// Delete removes objects.
	Delete(ctx context.Context, names ...string) error
	// Abandon drops uploads that a process which was killed has left, by the names that they would have had.
	Abandon(ctx context.Context, left func(name string) bool) error
	// Where is the place of an object, for people and for engines that read it: a path or a URL. Where("") is that of the bucket.
	Where(name string) string
}

// Upload is an object in the making.
type Upload interface {
	io.Writer
	// Sync brings what was written towards its durability; meanwhile more may be written. It may do nothing.
	Sync() error
	// Close ends the writing: all of it is durable when it returns, but has no name yet.
	Close() error
	// Abort drops the object. After Commit it does nothing.
	Abort() error
}

// Object is an object that is being read.
type Object interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// Info is an object in a list.
type Info struct {
	Name string
	Size int64
}

// Locker is a bucket whose users can agree on who does what. Who uses another bucket can agree within its process only: see Locks.
type Locker interface {
	// Lock takes a lock alone. Where anybody has it, the error is lock.ErrLocked.
	Lock(name string) (io.Closer, error)
	// Share takes a lock with others, and waits for who has it alone.
	Share(ctx context.Context, name string) (io.Closer, error)
}

// Put keeps a small object.
func Put(ctx context.Context, b Bucket, name string, data []byte) error {
	u, err := b.Create(ctx, name)
	if err != nil {
		return err
	}
	_, err = u.Write(data)
	if err = errors.Join(err, u.Close()); err == nil {
		err = b.Commit(ctx, u)
	}
	if err != nil {
		return errors.Join(err, u.Abort())
	}
	return nil
}

// Get reads a small object.
func Get(ctx context.Context, b Bucket, name string) ([]byte, error) {
	o, err := b.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.NewSectionReader(o, 0, o.Size()))
	return data, errors.Join(err, o.Close())
}
