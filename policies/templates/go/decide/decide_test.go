package decide

import (
	"errors"
	"math"
	"slices"
	"testing"
)

func ready(messages uint64) *uint64 { return &messages }

func TestDecide(t *testing.T) {
	for name, row := range map[string]struct {
		facts     Facts
		perWorker uint32
		delta     int32
	}{
		"divided and rounded up": {Facts{Fresh, ready(950), 3}, 100, 7},
		"enough":                 {Facts{Fresh, ready(901), 10}, 100, 0},
		"fewer":                  {Facts{Fresh, ready(0), 2}, 100, -2},
		"one for each":           {Facts{Fresh, ready(1), 0}, 1, 1},
		"stale may grow":         {Facts{Stale, ready(950), 3}, 100, 7},
		"stale never shrinks":    {Facts{Stale, ready(0), 2}, 100, 0},
		"the largest backlog":    {Facts{Fresh, ready(math.MaxUint64), 0}, 1, math.MaxInt32},
		"the largest capacity":   {Facts{Fresh, ready(0), math.MaxUint32}, 100, math.MinInt32},
	} {
		t.Run(name, func(t *testing.T) {
			decision, err := Decide(Settings{row.perWorker}, row.facts)
			if err != nil || decision.Delta != row.delta {
				t.Errorf("got %+v, %v; want %d", decision, err, row.delta)
			}
		})
	}
}

func TestAMissingBacklogIsNoDecision(t *testing.T) {
	for _, facts := range []Facts{{Missing, nil, 3}, {Missing, ready(3), 3}, {Fresh, nil, 3}} {
		if _, err := Decide(Settings{100}, facts); !errors.Is(err, ErrMissing) {
			t.Errorf("%+v: got %v", facts, err)
		}
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]uint32{
		`{}`: 100, ` { "per_worker" : 7 } `: 7, `{"per_worker":4294967295}`: math.MaxUint32,
	} {
		if settings, problems := Parse(text); settings.PerWorker != want || problems != nil {
			t.Errorf("%s: got %+v, %v", text, settings, problems)
		}
	}
	for text, want := range map[string][]string{
		`{"per_worker":0}`: {"per_worker"}, `{"per_worker":-1}`: {"per_worker"},
		`{"per_worker":1.5}`: {"per_worker"}, `{"per_worker":1e3}`: {"per_worker"},
		`{"per_worker":4294967296}`: {"per_worker"}, `{"per_worker":null}`: {"per_worker"},
		`{"per_worker":"7"}`: {"per_worker"}, `{"per_worker":true}`: {"per_worker"},
		`{"z":1,"per_worker":{},"a":[2]}`: {"a", "per_worker", "z"},
		`[]`:                              {""}, `7`: {""}, `null`: {""}, `{`: {""}, ``: {""},
	} {
		var paths []string
		_, problems := Parse(text)
		for _, problem := range problems {
			paths = append(paths, problem.Path)
		}
		if !slices.Equal(paths, want) {
			t.Errorf("%s: got %v, want %v", text, problems, want)
		}
	}
}
