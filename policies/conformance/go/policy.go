// Package policy says back what it is told, by the README of
// `policies/conformance`. It decides nothing.
package policy

import (
	"fmt"
	"math"
	"os"
	"strings"

	cloud "conformance/build/go/imports/hooke_policy_cloud"
	log "conformance/build/go/imports/hooke_policy_log"
	memory "conformance/build/go/imports/hooke_policy_memory"
	exported "conformance/build/go/imports/hooke_policy_policy"
	host "conformance/build/go/imports/hooke_policy_settings"
	types "conformance/build/go/imports/hooke_policy_types"
	wit "conformance/build/go/wit/types"
)

// Text of one, two, three and four bytes a character.
const text = "é漢🦀"

const nobody = "nobody " + text

type (
	answer   = wit.Result[types.Needs, types.PolicyError]
	verdict  = wit.Result[wit.Unit, []exported.SettingProblem]
	problems = []exported.SettingProblem
)

func Describe() exported.Description {
	return exported.Description{
		Name:           "conformance " + text,
		Version:        "0.1.0+" + text,
		Summary:        "Says back what it is told: " + text + ".",
		SettingsSchema: wit.Some(`{"title":"` + text + `","type":"object"}`),
	}
}

func ValidateSettings(given string) verdict {
	switch modeOf(given) {
	case "problems":
		return wit.Err[wit.Unit](problems{
			{Path: "", Message: "whole: " + text},
			{Path: "mode", Message: given},
			{Path: "a." + text, Message: ""},
		})
	case "no-problems":
		return wit.Err[wit.Unit](problems{})
	}
	return wit.Ok[wit.Unit, problems](wit.Unit{})
}

func EvaluateNeeds(profile string) answer {
	defer told()
	given := host.Json()
	mode := modeOf(given)
	said := mode + ": " + text
	switch mode {
	case "facts":
		return remember(mode, factsText(given, profile))
	case "past":
		return remember(mode, pastText(profile))
	case "cloud":
		return remember(mode, actionsText(profile))
	case "low":
		return needs(math.MinInt32, "")
	case "high":
		return needs(math.MaxInt32, strings.Repeat("🦀", 1000))
	case "invalid-settings":
		return declined(types.MakePolicyErrorInvalidSettings(said))
	case "missing-data":
		return declined(types.MakePolicyErrorMissingData(said))
	case "unsupported":
		return declined(types.MakePolicyErrorUnsupported(said))
	case "internal":
		return declined(types.MakePolicyErrorInternal(said))
	case "other":
		return declined(types.MakePolicyErrorOther(said))
	case "store":
		return needs(0, stored(memory.Store(nil)))
	case "store-max":
		return needs(0, storeMax())
	case "log":
		return logAll()
	case "panic":
		panic(said)
	}
	return wit.Err[types.Needs](types.MakePolicyErrorUnsupported("no mode"))
}

// modeOf is the mode that settings name. Found and not parsed, as a guest in C
// would.
func modeOf(settings string) string {
	_, rest, _ := strings.Cut(settings, `"mode":"`)
	mode, _, _ := strings.Cut(rest, `"`)
	return mode
}

func needs(delta int32, reason string) answer {
	return wit.Ok[types.Needs, types.PolicyError](types.Needs{Delta: delta, Reason: reason})
}

// remember stores what was said, for the test to read.
func remember(mode, said string) answer {
	if outcome := stored(memory.Store([]byte(said))); outcome != "ok" {
		return wit.Err[types.Needs](types.MakePolicyErrorInternal("store: " + outcome))
	}
	return needs(0, mode)
}

// declined is an error, after things that it is to undo.
func declined(why types.PolicyError) answer {
	cloud.Launch("nobody", "")
	memory.Store([]byte{1})
	return wit.Err[types.Needs](why)
}

func storeMax() string {
	first := memory.Store(pattern(65537))
	said := stored(first)
	if first.IsErr() && first.Err().Tag() == memory.MemoryError_TooLarge {
		said += ", " + stored(memory.Store(pattern(first.Err().TooLarge())))
	}
	return said
}

func pattern(length uint64) []byte {
	bytes := make([]byte, length)
	for at := range bytes {
		bytes[at] = byte(at)
	}
	return bytes
}

func logAll() answer {
	for _, level := range levels {
		log.Write(level.level, level.name+": "+text)
	}
	log.Write(log.Level_Info, "")
	return needs(0, "log")
}

// told, when deferred, writes a panic to the log and ends the evaluation.
func told() {
	if cause := recover(); cause != nil {
		log.Write(log.Level_Error, fmt.Sprint(cause))
		os.Exit(1)
	}
}
