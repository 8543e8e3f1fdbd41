// Package policy is the guest of the smallest world, by the README of
// `policies/conformance`.
package policy

import (
	log "conformance-base/build/go/imports/hooke_policy_log"
	exported "conformance-base/build/go/imports/hooke_policy_policy"
	settings "conformance-base/build/go/imports/hooke_policy_settings"
	types "conformance-base/build/go/imports/hooke_policy_types"
	wit "conformance-base/build/go/wit/types"
)

func Describe() exported.Description {
	return exported.Description{Name: "conformance-base", SettingsSchema: wit.None[string]()}
}

func ValidateSettings(string) wit.Result[wit.Unit, []exported.SettingProblem] {
	return wit.Ok[wit.Unit, []exported.SettingProblem](wit.Unit{})
}

func EvaluateNeeds(profile string) wit.Result[types.Needs, types.PolicyError] {
	log.Write(log.Level_Info, profile)
	return wit.Ok[types.Needs, types.PolicyError](types.Needs{Delta: 0, Reason: settings.Json()})
}
