package formula

// texSymbols are the commands that stand for one sign or word.
var texSymbols = map[string]string{
	"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
	"theta": "θ", "vartheta": "ϑ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
	"rho": "ρ", "varrho": "ϱ", "sigma": "σ", "varsigma": "ς", "tau": "τ", "upsilon": "υ", "phi": "ϕ", "varphi": "φ",
	"chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π",
	"Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
	"le": "≤", "leq": "≤", "leqslant": "≤", "ge": "≥", "geq": "≥", "geqslant": "≥", "lt": "<", "gt": ">", "ne": "≠", "neq": "≠",
	"ll": "≪", "gg": "≫", "approx": "≈", "equiv": "≡", "sim": "∼", "simeq": "≃", "cong": "≅", "propto": "∝", "prec": "≺", "succ": "≻",
	"times": "×", "div": "÷", "cdot": "·", "pm": "±", "mp": "∓", "ast": "∗", "star": "⋆", "circ": "∘", "bullet": "•",
	"oplus": "⊕", "otimes": "⊗", "odot": "⊙", "cap": "∩", "cup": "∪", "setminus": "∖", "wedge": "∧", "vee": "∨", "land": "∧",
	"lor": "∨", "lnot": "¬", "neg": "¬", "forall": "∀", "exists": "∃", "nexists": "∄", "in": "∈", "notin": "∉", "ni": "∋",
	"subset": "⊂", "subseteq": "⊆", "supset": "⊃", "supseteq": "⊇", "emptyset": "∅", "varnothing": "∅", "infty": "∞",
	"partial": "∂", "nabla": "∇", "angle": "∠", "perp": "⊥", "parallel": "∥", "mid": "|", "vert": "|", "Vert": "‖", "|": "‖",
	"to": "→", "rightarrow": "→", "leftarrow": "←", "gets": "←", "leftrightarrow": "↔", "Rightarrow": "⇒", "Leftarrow": "⇐",
	"Leftrightarrow": "⇔", "implies": "⇒", "iff": "⇔", "mapsto": "↦", "uparrow": "↑", "downarrow": "↓", "longrightarrow": "⟶",
	"sum": "∑", "prod": "∏", "int": "∫", "iint": "∬", "oint": "∮", "langle": "⟨", "rangle": "⟩", "lfloor": "⌊", "rfloor": "⌋",
	"lceil": "⌈", "rceil": "⌉", "ldots": "…", "dots": "…", "cdots": "⋯", "vdots": "⋮", "prime": "′", "hbar": "ℏ", "ell": "ℓ",
	"Re": "ℜ", "Im": "ℑ", "aleph": "ℵ", "degree": "°", "top": "⊤", "bot": "⊥", "vdash": "⊢", "models": "⊨", "because": "∵", "therefore": "∴",
	"log": "log", "ln": "ln", "lg": "lg", "exp": "exp", "sin": "sin", "cos": "cos", "tan": "tan", "cot": "cot", "sec": "sec",
	"csc": "csc", "arcsin": "arcsin", "arccos": "arccos", "arctan": "arctan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh",
	"max": "max", "min": "min", "sup": "sup", "inf": "inf", "lim": "lim", "argmax": "argmax", "argmin": "argmin", "det": "det",
	"dim": "dim", "ker": "ker", "gcd": "gcd", "deg": "deg", "arg": "arg", "Pr": "Pr", "bmod": " mod ", "R": "ℝ", "N": "ℕ", "Z": "ℤ",
	",": " ", ";": " ", ":": " ", "!": "", " ": " ", "quad": " ", "qquad": " ", "{": "{", "}": "}", "%": "%", "$": "$", "#": "#",
	"&": "&", "_": "_", "lbrace": "{", "rbrace": "}", "colon": ":", "displaystyle": "", "textstyle": "", "limits": "", "nolimits": "",
	"backslash": `\`,
}

var (
	superscript   = pairs("0⁰1¹2²3³4⁴5⁵6⁶7⁷8⁸9⁹+⁺-⁻=⁼(⁽)⁾aᵃbᵇcᶜdᵈeᵉfᶠgᵍhʰiⁱjʲkᵏlˡmᵐnⁿoᵒpᵖrʳsˢtᵗuᵘvᵛwʷxˣyʸzᶻAᴬBᴮDᴰEᴱGᴳHᴴIᴵJᴶKᴷLᴸMᴹNᴺOᴼPᴾRᴿTᵀUᵁVⱽWᵂ′′βᵝγᵞδᵟθᶿ∗*⊤ᵀ∘°")
	subscript     = pairs("0₀1₁2₂3₃4₄5₅6₆7₇8₈9₉+₊-₋=₌(₍)₎aₐeₑhₕiᵢjⱼkₖlₗmₘnₙoₒpₚrᵣsₛtₜuᵤvᵥxₓβᵦγᵧρᵨφᵩχᵪ")
	doubleStruck  = pairs("CℂHℍNℕPℙQℚRℝZℤE𝔼F𝔽1𝟙A𝔸B𝔹D𝔻G𝔾I𝕀K𝕂L𝕃S𝕊T𝕋V𝕍")
	scriptLetters = pairs("BℬEℰFℱHℋIℐLℒMℳRℛA𝒜C𝒞D𝒟G𝒢J𝒥K𝒦N𝒩O𝒪P𝒫Q𝒬S𝒮T𝒯U𝒰V𝒱W𝒲X𝒳Y𝒴Z𝒵")
)

func pairs(s string) map[rune]rune {
	m := map[rune]rune{}
	var from rune
	for i, r := range []rune(s) {
		if i%2 == 0 {
			from = r
		} else {
			m[from] = r
		}
	}
	return m
}
