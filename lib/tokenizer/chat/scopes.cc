#include "lib/tokenizer/chat/scopes.h"

#include <map>
#include <set>

namespace hone::jinja {
namespace {

using Body = std::vector<StmtPtr>;

// The names of one scope while they are collected.
struct Symbols {
  const Symbols* parent = nullptr;
  std::map<int, Load> loads;
  std::set<int> stores;

  bool Has(int name) const { return loads.contains(name); }
  bool Finds(int name) const { return Has(name) || (parent != nullptr && parent->Finds(name)); }
  void Read(int name) {
    if (!Finds(name)) loads[name] = Load::kResolve;
  }
  void Set(int name) {
    stores.insert(name);
    if (Has(name)) return;
    loads[name] = parent != nullptr && parent->Finds(name) ? Load::kAlias : Load::kMissing;
  }
  void Parameter(int name) {
    stores.insert(name);
    loads[name] = Load::kParameter;
  }
  void Merge(const std::vector<Symbols>& branches) {
    std::set<int> fresh;
    for (const Symbols& branch : branches) {
      for (const int name : branch.stores) {
        if (!stores.contains(name)) fresh.insert(name);
      }
    }
    for (const Symbols& branch : branches) {
      for (const auto& [name, load] : branch.loads) loads[name] = load;
      stores.insert(branch.stores.begin(), branch.stores.end());
    }
    for (const int name : fresh) loads[name] = parent != nullptr && parent->Finds(name) ? Load::kAlias : Load::kResolve;
  }
  Scope Done() const {
    Scope scope;
    scope.names.assign(loads.begin(), loads.end());
    return scope;
  }
};

class Resolver {
 public:
  explicit Resolver(Template& parsed) : template_(parsed) {}

  void Run() {
    Symbols root;
    VisitBody(root, template_.body);
    template_.scope = root.Done();
    ResolveInside(root, template_.body);
  }

 private:
  // The names an expression reads.
  void VisitExpr(Symbols& symbols, const ExprPtr& node) {
    if (node == nullptr) return;
    if (node->kind == ExprKind::kName || node->kind == ExprKind::kNamespaceRef) symbols.Read(node->name);
    for (const auto& child : node->children) VisitExpr(symbols, child);
    for (const auto& child : node->arguments.positional) VisitExpr(symbols, child);
    for (const auto& [name, child] : node->arguments.named) VisitExpr(symbols, child);
    VisitExpr(symbols, node->arguments.star);
    VisitExpr(symbols, node->arguments.star_star);
  }

  void VisitTarget(Symbols& symbols, const Expr& target, bool as_parameter) {
    if (target.kind == ExprKind::kTuple) {
      for (const auto& child : target.children) VisitTarget(symbols, *child, as_parameter);
    } else if (target.kind == ExprKind::kNamespaceRef) {
      symbols.Read(target.name);
    } else if (as_parameter) {
      symbols.Parameter(target.name);
    } else {
      symbols.Set(target.name);
    }
  }

  void VisitBody(Symbols& symbols, const Body& body) {
    for (const StmtPtr& statement : body) VisitStatement(symbols, *statement);
  }

  // What a statement does to the scope it stands in.
  void VisitStatement(Symbols& symbols, const Stmt& node) {
    switch (node.kind) {
      case StmtKind::kOutput:
      case StmtKind::kFor:
      case StmtKind::kCall:
      case StmtKind::kFilterBlock:
      case StmtKind::kWith:
        for (const auto& value : node.values) VisitExpr(symbols, value);
        break;
      case StmtKind::kSet:
        VisitExpr(symbols, node.values[0]);
        VisitTarget(symbols, *node.target, false);
        break;
      case StmtKind::kSetBlock:
        VisitTarget(symbols, *node.target, false);
        break;
      case StmtKind::kMacro:
        symbols.Set(node.name);
        break;
      case StmtKind::kIf:
        VisitIf(symbols, node);
        break;
      default:
        break;
    }
  }

  void VisitIf(Symbols& symbols, const Stmt& node) {
    VisitExpr(symbols, node.branches[0].first);
    std::vector<Symbols> branches(3, symbols);
    VisitBody(branches[0], node.branches[0].second);
    for (size_t i = 1; i < node.branches.size(); ++i) {
      VisitExpr(branches[1], node.branches[i].first);
      Symbols elif = branches[1];
      VisitBody(elif, node.branches[i].second);
      branches[1].Merge({std::move(elif)});
    }
    VisitBody(branches[2], node.otherwise);
    symbols.Merge(branches);
  }

  // The scopes inside the statements of a scope whose names are known.
  void ResolveInside(const Symbols& symbols, Body& body) {
    for (StmtPtr& statement : body) {
      Stmt& node = *statement;
      for (auto& [test, branch] : node.branches) ResolveInside(symbols, branch);
      if (node.macro != nullptr) ResolveMacro(symbols, *node.macro);
      switch (node.kind) {
        case StmtKind::kIf:
          ResolveInside(symbols, node.otherwise);
          break;
        case StmtKind::kFor:
          ResolveFor(symbols, node);
          break;
        case StmtKind::kWith: {
          Symbols inner{&symbols};
          VisitTarget(inner, *node.target, true);
          Finish(inner, node.body, node.scope);
          break;
        }
        case StmtKind::kFilterBlock: {
          Symbols inner{&symbols};
          VisitBody(inner, node.body);
          VisitExpr(inner, node.values[0]);
          node.scope = inner.Done();
          ResolveInside(inner, node.body);
          break;
        }
        case StmtKind::kSetBlock:
        case StmtKind::kBlock: {
          Symbols inner{&symbols};
          Finish(inner, node.body, node.scope);
          break;
        }
        default:
          break;
      }
    }
  }

  void Finish(Symbols& inner, Body& body, Scope& scope) {
    VisitBody(inner, body);
    scope = inner.Done();
    ResolveInside(inner, body);
  }

  void ResolveFor(const Symbols& symbols, Stmt& node) {
    Symbols inner{&symbols};
    if (node.uses_loop) inner.Parameter(template_.Intern("loop"));
    VisitTarget(inner, *node.target, true);
    Finish(inner, node.body, node.scope);
    Symbols otherwise{&symbols};
    Finish(otherwise, node.otherwise, node.otherwise_scope);
    Symbols test{&symbols};
    VisitTarget(test, *node.target, true);
    VisitExpr(test, node.test);
    node.test_scope = test.Done();
  }

  void ResolveMacro(const Symbols& symbols, Macro& macro) {
    Symbols inner{&symbols};
    for (const int name : macro.parameters) inner.Parameter(name);
    const auto special = [&](std::string_view name) {
      const int id = template_.Intern(name);
      for (const int parameter : macro.parameters) {
        if (parameter == id) return name == "caller" && Reads(macro.body, id);
      }
      if (!Reads(macro.body, id)) return false;
      inner.Parameter(id);
      return true;
    };
    macro.uses_caller = special("caller");
    macro.uses_kwargs = special("kwargs");
    macro.uses_varargs = special("varargs");
    for (const auto& value : macro.defaults) VisitExpr(inner, value);
    Finish(inner, macro.body, macro.scope);
  }

  // Whether a name is read anywhere in a body, the scopes inside included.
  static bool Reads(const ExprPtr& node, int name) {
    if (node == nullptr) return false;
    if (node->kind == ExprKind::kName && node->name == name) return true;
    for (const auto& child : node->children) {
      if (Reads(child, name)) return true;
    }
    for (const auto& child : node->arguments.positional) {
      if (Reads(child, name)) return true;
    }
    for (const auto& [key, child] : node->arguments.named) {
      if (Reads(child, name)) return true;
    }
    return Reads(node->arguments.star, name) || Reads(node->arguments.star_star, name);
  }
  static bool Reads(const Body& body, int name) {
    for (const StmtPtr& statement : body) {
      const Stmt& node = *statement;
      if (Reads(node.test, name) || Reads(node.body, name) || Reads(node.otherwise, name)) return true;
      for (const auto& value : node.values) {
        if (Reads(value, name)) return true;
      }
      for (const auto& [test, branch] : node.branches) {
        if (Reads(test, name) || Reads(branch, name)) return true;
      }
      if (node.macro != nullptr) {
        if (Reads(node.macro->body, name)) return true;
        for (const auto& value : node.macro->defaults) {
          if (Reads(value, name)) return true;
        }
      }
    }
    return false;
  }

  Template& template_;
};

}  // namespace

void ResolveScopes(Template& parsed) {
  Resolver(parsed).Run();
}

}  // namespace hone::jinja
