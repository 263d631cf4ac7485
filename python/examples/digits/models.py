"""The four models, each trained epoch by epoch and stored between epochs."""

import warnings

import numpy
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier

CLASSES = numpy.arange(10)


class BoostedTrees:
    """Gradient boosting: each epoch adds a few trees for each digit."""

    TREES = 2

    def __init__(self, lr, seed):
        self.model = HistGradientBoostingClassifier(
            learning_rate=lr, max_iter=0, max_leaf_nodes=15, warm_start=True, early_stopping=False, random_state=seed
        )

    def learn(self, images, labels):
        self.model.set_params(max_iter=self.model.max_iter + self.TREES)
        self.model.fit(images, labels)


class Perceptron:
    """A network of one hidden layer, by stochastic gradient descent; too large a rate makes it diverge."""

    def __init__(self, lr, seed):
        self.model = MLPClassifier((64,), solver="sgd", learning_rate_init=lr, random_state=seed)

    def learn(self, images, labels):
        try:
            with numpy.errstate(all="ignore"):
                self.model.partial_fit(images, labels, classes=CLASSES)
        except ValueError as error:
            # scikit-learn says so itself; the loss says it in numbers, which is what blut listens to.
            if "non-finite" not in str(error):
                raise


class Neighbours:
    """The five nearest images; there is nothing to go on with after the first epoch."""

    def __init__(self, lr, seed):
        self.model = KNeighborsClassifier(5)

    def learn(self, images, labels):
        self.model.fit(images, labels)


class Logistic:
    """Logistic regression: each epoch is a few steps of its solver from where it stands."""

    def __init__(self, lr, seed):
        self.model = LogisticRegression(max_iter=5, warm_start=True, random_state=seed)

    def learn(self, images, labels):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.model.fit(images, labels)


MODELS = {"gbt": BoostedTrees, "mlp": Perceptron, "knn": Neighbours, "logistic": Logistic}


def loss_and_accuracy(model, images, labels):
    """Mean log loss, not finite when the model's numbers are not, and the share of right guesses."""
    with numpy.errstate(all="ignore"):
        chances = model.predict_proba(images)
        of_truth = chances[numpy.arange(len(labels)), labels]
        loss = float(-numpy.log(numpy.maximum(of_truth, 1e-12)).mean())
    return loss, float((chances.argmax(axis=1) == labels).mean())
