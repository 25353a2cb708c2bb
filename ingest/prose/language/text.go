package language

// Text is a document cut into blocks, sentences and tokens. Offsets are bytes into Source.
type Text struct {
	Source    string
	Blocks    []Block
	Sentences []Sentence
	Cut       int // sentences that ended only because they had [LongestSentence] tokens
}

// Shape is the kind of a block.
type Shape uint8

// Shapes of blocks.
const (
	Paragraph Shape = iota
	Heading
	Item  // of a list
	Quote // of somebody else's words, set off
	Row   // of a table
	Code
)

var shapeNames = [...]string{"paragraph", "heading", "item", "quote", "row", "code"}

// String names the shape.
func (s Shape) String() string { return shapeNames[s] }

// Block is a part of a document that layout sets apart.
type Block struct {
	Shape       Shape
	Level       int // depth of a heading (1 is the highest) or of an item (0 is outermost)
	Start, End  int // bytes
	First, Last int // sentences: First ≤ i < Last
	Section     int // block of the heading that it stands under; −1 for none
	Lead        int // block of the lead-in that a list's item completes; −1 for none
}

// Sentence is a run of tokens that is analysed as one tree.
type Sentence struct {
	Start, End int // bytes
	Block      int
	Tokens     []Token
}

// Token is a word or mark of a sentence. Tag, Fine, Lemma, Head and Rel are set by [Model.Analyse].
type Token struct {
	Text       string
	Start, End int // bytes
	Kind       Kind
	Glued      bool // no space stands before it

	Tag   Tag
	Fine  string // Penn Treebank tag
	Lemma string
	Head  int // index in the sentence; −1 for the root
	Rel   string
}

// Tag is a universal part of speech (https://universaldependencies.org/u/pos).
type Tag string

// Universal parts of speech.
const (
	ADJ   Tag = "ADJ"
	ADP   Tag = "ADP"
	ADV   Tag = "ADV"
	AUX   Tag = "AUX"
	CCONJ Tag = "CCONJ"
	DET   Tag = "DET"
	INTJ  Tag = "INTJ"
	NOUN  Tag = "NOUN"
	NUM   Tag = "NUM"
	PART  Tag = "PART"
	PRON  Tag = "PRON"
	PROPN Tag = "PROPN"
	PUNCT Tag = "PUNCT"
	SCONJ Tag = "SCONJ"
	SYM   Tag = "SYM"
	VERB  Tag = "VERB"
	X     Tag = "X"
)
