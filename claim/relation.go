package claim

import "strings"

// Relation is what a claim says of its ends. Sources have words of their own; those that Marque reads something out of are in the
// table below, in one place for all rooms.
type Relation string

// Relations that are named in the code.
const (
	AttributedTo   Relation = "attributed-to"
	OnBehalfOf     Relation = "on-behalf-of"
	ClaimedBy      Relation = "claimed-by"
	OriginatesFrom Relation = "originates-from"
	LocatedAt      Relation = "located-at"
	Uses           Relation = "uses"
	Targets        Relation = "targets"
	Indicates      Relation = "indicates"
	AliasOf        Relation = "alias-of"
	MemberOf       Relation = "member-of"
	PartOf         Relation = "part-of"
	PersonaOf      Relation = "persona-of" // a front: a name under which its actor claims, leaks or recruits
)

// relation is what a word tells. The zero relation tells nothing.
type relation struct {
	attribution bool    // of an operation: who did it, or for whom
	proxy       bool    // the state let others do it
	tie         float64 // of an actor and a state: how close the wording says that it stands, 0 to 1, a thumb rule
	stateFirst  bool    // of an actor and a state: the state is the subject
	has         bool    // an actor has a resource
	joins       bool    // one resource belongs to another
	likeness    bool    // an operation looks like an actor's, without a word that it is
	trait       string  // language or timing: what was read out of what an operation left
	deed        string  // the class of deed that it tells of; deeds of one class on one victim in one root report are one operation
	adds        bool    // adds to an operation that is there; alone it tells of none
	hits        bool    // the object is a victim or a place rather than an actor
}

var relations = map[Relation]relation{
	AttributedTo:      {attribution: true, tie: .8},
	OnBehalfOf:        {attribution: true, proxy: true, tie: .8, adds: true},
	ClaimedBy:         {attribution: true},
	OriginatesFrom:    {attribution: true, tie: .2},
	LocatedAt:         {tie: .2},
	Uses:              {tie: .5, stateFirst: true, has: true, joins: true, deed: "malware"},
	Targets:           {hits: true},
	MemberOf:          {tie: 1},
	PartOf:            {tie: 1},
	"unit-of":         {tie: 1},
	"employed-by":     {tie: .9},
	"tasked-by":       {attribution: true, proxy: true, tie: .9},
	"directed-by":     {attribution: true, proxy: true, tie: .9},
	"sponsored-by":    {attribution: true, proxy: true, tie: .8},
	"operates-for":    {tie: .8},
	"contracted-by":   {proxy: true, tie: .8},
	"outsources-to":   {proxy: true, tie: .7, stateFirst: true, has: true},
	"works-with":      {tie: .6, stateFirst: true, has: true},
	"supports":        {tie: .5},
	"linked-to":       {attribution: true, proxy: true, tie: .5},
	PersonaOf:         {tie: .9},
	"affiliated-with": {tie: .5},
	"protected-by":    {tie: .5},
	"tolerated-by":    {tie: .3},
	"ordered-by":      {attribution: true, proxy: true},
	"coordinated-by":  {attribution: true, proxy: true},
	"supported-by":    {attribution: true, proxy: true},
	"conducted-by":    {attribution: true},

	"owns":              {has: true, joins: true},
	"hosts":             {has: true, joins: true},
	"controls":          {has: true, joins: true},
	"has":               {has: true, joins: true},
	"registered":        {has: true, joins: true},
	"communicates-with": {has: true, joins: true},
	"operates":          {has: true},
	"employs":           {has: true},
	"deploys":           {has: true},
	"created":           {has: true, deed: "influence", hits: true},
	"consists-of":       {joins: true},
	"resolves-to":       {joins: true},
	"belongs-to":        {joins: true},
	"registered-by":     {joins: true},
	"issued-to":         {joins: true},

	"similar":                    {likeness: true},
	"resembles":                  {likeness: true},
	"overlaps":                   {likeness: true},
	"overlaps-with":              {likeness: true},
	"consistent-with":            {likeness: true},
	"shares-code-with":           {likeness: true},
	"shares-tools-with":          {likeness: true},
	"shares-infrastructure-with": {likeness: true},
	"shares-tradecraft-with":     {likeness: true},
	"language":                   {trait: "language"},
	"speaks":                     {trait: "language"},
	"written-in":                 {trait: "language"},
	"time-zone":                  {trait: "timing"},
	"working-hours":              {trait: "timing"},
	"active-in":                  {trait: "timing"},

	"compromised":     {deed: "intrusion", hits: true},
	"stole":           {deed: "intrusion", adds: true, hits: true},
	"extorts":         {deed: "intrusion", adds: true},
	"leaked":          {deed: "intrusion"},
	"exploited":       {deed: "intrusion"},
	"deployed":        {deed: "malware"},
	"disrupted":       {deed: "disruption", hits: true},
	"defaced":         {deed: "disruption"},
	"spread":          {deed: "influence", hits: true},
	"personas":        {deed: "influence", hits: true},
	"influences":      {hits: true},
	"will-accelerate": {hits: true},
	"motive":          {adds: true},
	"count":           {adds: true},
	"still-up":        {adds: true},
	"successors":      {adds: true},
	"affected":        {adds: true},
}

// Attributes tells whether it says who did an operation, or for whom.
func (r Relation) Attributes() bool { return relations[r].attribution }

// Proxy tells whether it says that a state let others do it.
func (r Relation) Proxy() bool { return relations[r].proxy }

// Tie is how close it says that a state stands to an actor, 0 for words that say nothing of it: a thumb rule on the wording.
func (r Relation) Tie() float64 { return relations[r].tie }

// StateFirst tells whether the subject of a tie is the state: "Russia outsources to criminals".
func (r Relation) StateFirst() bool { return relations[r].stateFirst }

// Has tells whether it says that an actor has a resource.
func (r Relation) Has() bool { return relations[r].has }

// Joins tells whether it says that one resource belongs to another.
func (r Relation) Joins() bool { return relations[r].joins }

// Likeness tells whether it says that an operation looks like an actor's, or like another operation, without saying that it is.
func (r Relation) Likeness() bool { return relations[r].likeness }

// Trait is what was read out of what an operation left, language or timing; empty for other relations.
func (r Relation) Trait() string { return relations[r].trait }

// Deed is the class of what was done, empty for relations that tell of no deed.
func (r Relation) Deed() string { return relations[r].deed }

// Adds tells whether it adds to an operation that is there, and alone tells of none.
func (r Relation) Adds() bool { return relations[r].adds }

// Hits tells whether its object is a victim or a place rather than an actor.
func (r Relation) Hits() bool { return relations[r].hits }

// Words is the relation as words: "on behalf of".
func (r Relation) Words() string { return strings.ReplaceAll(string(r), "-", " ") }
