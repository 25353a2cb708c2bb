// Package microsoft reads Microsoft's mapping of actor names (MicrosoftMapping.json of github.com/microsoft/mstic).
//
// In comes a list of records with Microsoft's name, the origin or threat, and other vendors' names; out come actors created
// by Microsoft with those names as aliases, and the origin as Microsoft's claim: a state behind the actor, or only the country
// where a criminal or a company sits.
package microsoft
