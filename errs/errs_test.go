package errs_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/smarticks/smarticks/errs"
)

func TestIsKnowsTheKindOfTheOutermostError(t *testing.T) {
	t.Parallel()
	gone := errs.New("op", errs.NotFound, "gone")
	for name, c := range map[string]struct {
		err  error
		kind errs.Kind
		want bool
	}{
		"its kind":               {gone, errs.NotFound, true},
		"another kind":           {gone, errs.Conflict, false},
		"inside another":         {fmt.Errorf("reading: %w", gone), errs.NotFound, true},
		"wrapped in a kind":      {errs.Wrap("op", errs.Unavailable, "later", gone), errs.NotFound, false},
		"nobody classified it":   {errors.New("bug"), errs.Internal, true},
		"no error is no bug":     {nil, errs.Internal, false},
		"no error is not absent": {nil, errs.NotFound, false},
	} {
		if got := errs.Is(c.err, c.kind); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
