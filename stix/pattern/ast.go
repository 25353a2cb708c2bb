package pattern

// Pattern is a parsed pattern. It is immutable and safe for concurrent use.
type Pattern struct {
	// Root is the observation expression that the text holds.
	Root ObservationExpr

	version  Version
	compiled lazyPlan
}

// Version is the edition of the patterning language.
type Version string

// The two editions. They differ in EXISTS (2.1 only) and in START and STOP, which take a timestamp literal in 2.1
// and may take a string in 2.0.
const (
	V20 Version = "2.0"
	V21 Version = "2.1"
)

// ObservationExpr is an expression over observations (STIX 2.1, section 9.5):
// *Single, *Join, *Paren or *Qualified.
type ObservationExpr interface{ observationExpr() }

// Single is one comparison expression in square brackets: one observation that satisfies it.
type Single struct {
	Cond   ComparisonExpr
	Offset int // byte offset of the bracket
}

// JoinOp combines observation expressions.
type JoinOp string

// Observation operators, strongest first.
const (
	JoinAnd        JoinOp = "AND"
	JoinOr         JoinOp = "OR"
	JoinFollowedBy JoinOp = "FOLLOWEDBY"
)

// Join combines two or more observation expressions from left to right.
type Join struct {
	Op       JoinOp
	Operands []ObservationExpr
}

// Paren is an observation expression in parentheses.
type Paren struct{ Inner ObservationExpr }

// Qualified is an observation expression with one qualifier. Stacked qualifiers nest, the first innermost.
type Qualified struct {
	Inner     ObservationExpr
	Qualifier Qualifier
}

func (*Single) observationExpr()    {}
func (*Join) observationExpr()      {}
func (*Paren) observationExpr()     {}
func (*Qualified) observationExpr() {}

// Qualifier restricts an observation expression (section 9.4.1): *Within, *Repeats or *StartStop.
type Qualifier interface{ qualifier() }

// Within asks that all observations of a binding lie within that many seconds.
type Within struct{ Seconds Literal }

// Repeats asks for that many disjoint bindings.
type Repeats struct{ Times Literal }

// StartStop asks that every observation lies in [Start, Stop).
type StartStop struct{ Start, Stop Literal }

func (*Within) qualifier()    {}
func (*Repeats) qualifier()   {}
func (*StartStop) qualifier() {}

// ComparisonExpr is an expression over one object (section 9.6): *Test, *Logical or *Group.
type ComparisonExpr interface{ comparisonExpr() }

// Op is a comparison operator.
type Op string

// Comparison operators. Exists has no right side; In has a set; the last four take a string.
const (
	OpEqual        Op = "="
	OpNotEqual     Op = "!="
	OpLess         Op = "<"
	OpLessEqual    Op = "<="
	OpGreater      Op = ">"
	OpGreaterEqual Op = ">="
	OpIn           Op = "IN"
	OpLike         Op = "LIKE"
	OpMatches      Op = "MATCHES"
	OpSubset       Op = "ISSUBSET"
	OpSuperset     Op = "ISSUPERSET"
	OpExists       Op = "EXISTS"
)

// Test compares the values that a path selects with a constant.
type Test struct {
	Path    Path
	Negated bool // NOT before the operator
	Op      Op
	Values  []Literal // one, or the elements of IN, or none for EXISTS
	Offset  int
}

// LogicOp combines comparison expressions.
type LogicOp string

// Comparison connectives, strongest first.
const (
	LogicAnd LogicOp = "AND"
	LogicOr  LogicOp = "OR"
)

// Logical combines two or more comparison expressions. All must hold (AND), or one (OR), for the same object.
type Logical struct {
	Op       LogicOp
	Operands []ComparisonExpr
}

// Group is a comparison expression in parentheses.
type Group struct{ Inner ComparisonExpr }

func (*Test) comparisonExpr()    {}
func (*Logical) comparisonExpr() {}
func (*Group) comparisonExpr()   {}

// Path selects values of objects of one type (section 9.7).
type Path struct {
	Type   string
	Steps  []Step
	Offset int
}

// StepKind says how a step goes down.
type StepKind uint8

// The kinds of steps.
const (
	StepKey   StepKind = iota // .name, dereferenced when it ends in _ref or _refs and more steps follow
	StepIndex                 // [n]
	StepAny                   // [*]
)

// Step is one component of a path.
type Step struct {
	Kind  StepKind
	Key   string
	Index int // a negative one is grammatical and selects nothing
}

// LiteralKind is the type of a constant.
type LiteralKind uint8

// The types of constants.
const (
	LitString LiteralKind = iota
	LitInt
	LitFloat
	LitBool
	LitHex
	LitBinary
	LitTimestamp
)

func (k LiteralKind) String() string {
	return [...]string{"string", "integer", "float", "boolean", "hex", "binary", "timestamp"}[k]
}

// Literal is a constant.
type Literal struct {
	Kind   LiteralKind
	Text   string // the string's value; the digits; true or false; hex digits; base64; the timestamp
	Offset int
}
