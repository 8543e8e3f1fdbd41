package decide

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Settings are what the site can set.
type Settings struct {
	PerWorker uint32 // messages ready for each worker
}

// Problem is one thing wrong with the settings: where, as a path of keys
// joined by dots, and what to write instead.
type Problem struct {
	Path, Message string
}

// Parse reads the settings out of their JSON, with defaults for what is not
// there, or says everything that is wrong with them.
func Parse(text string) (Settings, []Problem) {
	settings := Settings{PerWorker: 100}
	var given map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &given); err != nil || given == nil {
		if json.Valid([]byte(text)) {
			return settings, []Problem{{"", "the settings must be a table"}}
		}
		return settings, []Problem{{"", fmt.Sprintf("the settings are no JSON: %v", err)}}
	}
	var problems []Problem
	for key, value := range given {
		if key != "per_worker" {
			problems = append(problems, Problem{key, "is not known; there is: per_worker"})
		} else if number, ok := whole(value); ok {
			settings.PerWorker = number
		} else {
			message := fmt.Sprintf("must be a whole number from 1 to %d, such as 100", uint32(math.MaxUint32))
			problems = append(problems, Problem{key, message})
		}
	}
	// A map has no order of its own.
	slices.SortFunc(problems, func(a, b Problem) int {
		return bytes.Compare([]byte(a.Path), []byte(b.Path))
	})
	return settings, problems
}

// whole reads a whole number from 1 on, digits and nothing else.
func whole(value json.RawMessage) (uint32, bool) {
	number, err := strconv.ParseUint(string(value), 10, 32)
	return uint32(number), err == nil && number >= 1
}
