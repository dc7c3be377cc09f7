package clerk

import (
	"errors"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
)

// isRefusal tells an answer to one command from a failure that takes the whole commit down.
func isRefusal(err error) bool {
	var f *fault.Error
	return errors.As(err, &f)
}
