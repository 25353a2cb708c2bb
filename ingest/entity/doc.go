// Package entity makes the objects that many sources speak of, so that all importers make the same ones.
//
// In go names and codes: "Korea, Republic of", "Government / ministries", a company's name. Out come states, organs,
// organisations, places, sectors, named actors and reports with the ids that docs/model.md fixes, written once per input
// through a [Writer]. Two sources that name Russia name one object; its creator is Marque and its version never moves, so
// neither source changes it for the other.
//
// The package also makes the carriers of claims: the relationships, notes and opinions by which a source says something.
package entity
