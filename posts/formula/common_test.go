package formula

// common is a mix of what posts about machines, statistics and physics hold,
// short and long.
var common = []string{
	"x", "n", `\alpha`, "x^2", "x_i", `O(n \log n)`, `\theta \in \mathbb{R}^d`, "f: A \\to B", `p(y \mid x)`, `\hat{y} = Wx + b`,
	`\sqrt{2}`, `\frac{1}{2}`, `a \le b < c`, `10^{-3}`, `\epsilon > 0`, `y'' + y = 0`, `A^\top A`, `\lVert x \rVert_2`, `\lfloor n/2 \rfloor`, `\{1, \dots, n\}`,
	`\sum_{i=1}^{n} i = \frac{n(n+1)}{2}`, `e^{i\pi} + 1 = 0`, `\int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}`, `\lim_{x \to 0} \frac{\sin x}{x} = 1`,
	`\mathrm{softmax}(z)_i = \frac{e^{z_i}}{\sum_{j} e^{z_j}}`, `\mathcal{L}(\theta) = -\sum_{t} \log p_\theta(x_t \mid x_{<t})`,
	`\operatorname*{arg\,max}_{\theta} \mathbb{E}_{x \sim \mathcal{D}}[\log p_\theta(x)]`, `\text{Attention}(Q, K, V) = \text{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right)V`,
	`\nabla_\theta J(\theta) = \mathbb{E}_{\pi_\theta}\left[\sum_{t=0}^{T} \nabla_\theta \log \pi_\theta(a_t \mid s_t) \hat{A}_t\right]`,
	`\text{若 } x > 0 \text{ 则 } f(x) = 1`, `\binom{n}{k} = \frac{n!}{k!(n-k)!}`, `\vec{F} = m\vec{a}`, `\frac{\partial u}{\partial t} = \kappa \nabla^2 u`,
	`P(A|B) = \frac{P(B|A)P(A)}{P(B)}`, `\mathbf{x}^{(i)} \sim \mathcal{N}(\boldsymbol{\mu}, \boldsymbol{\Sigma})`, `\bar{x} \pm 1.96 \frac{\sigma}{\sqrt{n}}`,
	`\begin{pmatrix} \cos\theta & -\sin\theta \\ \sin\theta & \cos\theta \end{pmatrix}`, `\begin{cases} x & \text{if } x \ge 0 \\ 0 & \text{otherwise} \end{cases}`,
	`\begin{aligned} a &= b + c \\ &= d \end{aligned}`, `\begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix}`, `\begin{equation} E = mc^2 \tag{1} \end{equation}`,
	`\begin{align*} f(x) &= (x+1)^2 \\ &= x^2 + 2x + 1 \end{align*}`, `\begin{array}{cc|c} 1 & 2 & 3 \\ \hline 4 & 5 & 6 \end{array}`, `\begin{gather} a = b \\ c = d \end{gather}`,
	`\overbrace{a + b}^{n}`, `\underbrace{x_1 + \cdots + x_n}_{n}`, `\xrightarrow{\text{train}}`, `\sqrt[3]{x}`, `\prod_{k=1}^{K}`, `\bigcup_{i} A_i`, `\oint_C \mathbf{B} \cdot d\mathbf{l}`,
	`\forall x \exists y : x \neq y`, `p \implies q \iff \neg q \implies \neg p`, `A \subseteq B \cap C \setminus \emptyset`, `\mathbb{1}[x = y]`, `\tilde{O}(\sqrt{T})`, `\boxed{x}`, `\mathfrak{g}`,
	`\Bigl( \frac{a}{b} \Bigr)`, `\stackrel{\text{def}}{=}`, `x \bmod n`, `a \equiv b \pmod{m}`, `\|x\|`, `\langle u, v \rangle`, `\dfrac{a}{b}`, `\tfrac12`, `\ldots, \cdots, \vdots, \ddots`,
	`\textbf{bold} \textit{it} \mathsf{s} \mathtt{t}`, `\argmin_x f(x)`, `\limsup_{n \to \infty} a_n`, `\phantom{x}y`, `\substack{i < n \\ j < m}`, `x \,\! y \; z \quad w`, `\hbar \ell \Re \Im \aleph`,
	`\colorbox{yellow}{$x$}`, `\textcolor{blue}{x^2}`, `\not\in`, `\uparrow \Downarrow \mapsto \hookrightarrow`, `\N \subset \Z \subset \Q \subset \R \subset \C`, `\mathring{A} \acute{a} \grave{a} \check{a} \breve{a}`,
	`\widehat{abc} \widetilde{abc} \overrightarrow{AB}`, `\sideset{}{'}\sum`, `\operatorname{Var}(X)`, `\displaystyle\sum_i`, `{n \choose k}`, `x \over y`, `\bm{w}`, `\mathscr{L}`, `\dot{x} \ddot{x}`,
}
