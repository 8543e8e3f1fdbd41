// Package decide is the rule itself: facts in, a decision out. Pure: it asks
// nobody, so that `go test ./decide` tests it without a host.
//
//	backlog                        answer
//	missing                        no decision: the host holds
//	wants more workers than there  the difference
//	wants fewer, stale             hold: a fresh reading is needed to shrink
//	wants fewer, fresh             the difference
package decide

import (
	"errors"
	"fmt"
	"math"
)

// Quality is how far the backlog can be trusted.
type Quality int

const (
	Missing Quality = iota
	Stale
	Fresh
)

// Facts are all that the rule looks at.
type Facts struct {
	Quality  Quality
	Ready    *uint64 // messages; nil when it is not known
	Capacity uint32  // workers
}

// Decision is a number of workers more or fewer, and why.
type Decision struct {
	Delta  int32
	Reason string
}

// ErrMissing is the answer when a fact that the rule rests on is missing.
var ErrMissing = errors.New("the backlog is missing")

// Decide says what is needed.
func Decide(settings Settings, facts Facts) (Decision, error) {
	if facts.Quality == Missing || facts.Ready == nil {
		return Decision{}, ErrMissing
	}
	ready, each := *facts.Ready, uint64(settings.PerWorker)
	wanted := ready / each
	if ready%each != 0 {
		wanted++
	}
	delta := difference(wanted, facts.Capacity)
	reason := fmt.Sprintf("backlog %d at %d for each worker wants %d workers, there are %d",
		ready, each, wanted, facts.Capacity)
	if delta < 0 && facts.Quality == Stale {
		return Decision{0, reason + ": the reading is stale, hold"}, nil
	}
	return Decision{delta, reason}, nil
}

// difference is cut to what an answer can hold.
func difference(wanted uint64, capacity uint32) int32 {
	if wanted >= uint64(capacity) {
		return int32(min(wanted-uint64(capacity), math.MaxInt32))
	}
	return int32(max(int64(wanted)-int64(capacity), math.MinInt32))
}
